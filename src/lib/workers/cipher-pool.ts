/**
 * Bulk sealing, opening and hashing in a few workers, behind the same interface as in one thread.
 *
 * Buffers are transferred, not copied: `plain` and the pieces of a job are gone for the caller, as
 * {@link ChunkCipher} says. A worker gets jobs once it has said that it is ready: browsers have been
 * seen to start a worker of which nothing is ever heard. Until one is ready, the work is done here.
 * A worker that dies takes its jobs with it (they fail, and the upload they belong to can be tried
 * again).
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  openJobToWire,
  sealedChunkFromWire,
  sealJobToWire,
  type ChunkCipher,
  type OpenJobWire,
  type UnverifiedChunk,
} from '#lib/cryptree/index.ts';
import type { SymmetricKey } from '#lib/crypto/index.ts';
import { connect, type Caller, type WorkerLike } from '#lib/rpc/index.ts';
import { CIPHER_ERRORS, cipherProtocol, type CipherProtocol } from './cipher-protocol.ts';

/** A worker of the pool. */
export interface CipherWorker extends WorkerLike {
  /** Called when the worker gets its first job or has ended its last. */
  setBusy?(isBusy: boolean): void;
}

/** A worker of the pool died. */
export class CipherWorkerFailed extends PyrgosError {
  override readonly name = 'CipherWorkerFailed';
  override readonly kind = 'bug';
  constructor() {
    super('Part of the app stopped working. Please try again.');
  }
}

export interface CipherPool extends ChunkCipher {
  /** Gives jobs to this worker too, until it fails or the returned function is called. */
  add(worker: CipherWorker): () => void;
  /** A port to one of the workers, for somebody else's jobs; `undefined` if none lives. */
  openPort(): MessagePort | undefined;
  close(): void;
}

type CipherCaller = Caller<CipherProtocol>;

interface Member {
  readonly worker: CipherWorker;
  readonly caller: CipherCaller;
  isReady: boolean;
  jobs: number;
}

/** A pool without workers yet. `fallback` does the work while none is ready. */
export function createCipherPool(fallback: ChunkCipher): CipherPool {
  const workers = new CipherWorkers();
  return {
    add: (worker) => workers.add(worker),
    async seal(job, signal) {
      if (!workers.isReady) return fallback.seal(job, signal);
      signal?.throwIfAborted();
      const wire = sealJobToWire(job);
      const transfer = owned(wire.plain);
      return sealedChunkFromWire(
        await workers.run((caller) => caller.call('seal', [wire], { transfer })),
      );
    },
    async open(chunk, key, signal) {
      if (!workers.isReady) return fallback.open(chunk, key, signal);
      signal?.throwIfAborted();
      const { job, transfer } = openJob(chunk, key);
      return workers.run((caller) => caller.call('open', [job], { transfer }));
    },
    async hash(plain, signal) {
      if (!workers.isReady) return fallback.hash(plain, signal);
      signal?.throwIfAborted();
      const transfer = owned(plain);
      return workers.run((caller) => caller.call('hash', [plain], { transfer }));
    },
    openPort: () => workers.openPort(),
    close: () => workers.close(),
  };
}

/** The living workers. Both sides are of one build. */
class CipherWorkers {
  readonly #members = new Set<Member>();

  /** Whether there is a worker that can be given a job. */
  get isReady(): boolean {
    return this.#readyMembers().length > 0;
  }

  #readyMembers(): Member[] {
    return [...this.#members].filter((member) => member.isReady);
  }

  /** Gives a job to the ready worker that has the fewest. */
  async run<T>(job: (caller: CipherCaller) => Promise<T>): Promise<T> {
    const [first, ...others] = this.#readyMembers();
    if (first === undefined) throw new CipherWorkerFailed();
    const least = others.reduce((a, b) => (b.jobs < a.jobs ? b : a), first);
    if (least.jobs++ === 0) least.worker.setBusy?.(true);
    try {
      return await job(least.caller);
    } finally {
      if (--least.jobs === 0) least.worker.setBusy?.(false);
    }
  }

  openPort(): MessagePort | undefined {
    const last = [...this.#members].at(-1);
    if (last === undefined) return undefined;
    const { port1, port2 } = new MessageChannel();
    // If the worker dies its ports close with it.
    last.caller.call('openPort', [port1], { transfer: [port1] }).catch(() => undefined);
    return port2;
  }

  close(): void {
    for (const member of this.#members) this.#remove(member);
  }

  add(worker: CipherWorker): () => void {
    const caller = connect(worker, cipherProtocol, CIPHER_ERRORS);
    const member: Member = { worker, caller, isReady: false, jobs: 0 };
    this.#members.add(member);
    caller.call('ready', []).then(
      () => (member.isReady = true),
      () => this.#remove(member),
    );
    const remove = (): void => this.#remove(member);
    worker.addEventListener('error', remove);
    return remove;
  }

  /** The worker is no more, and what it was asked fails. */
  #remove(member: Member): void {
    this.#members.delete(member);
    member.worker.terminate();
    member.caller.close(new CipherWorkerFailed());
  }
}

/** A job to open a chunk, and what goes with it. */
export function openJob(
  chunk: UnverifiedChunk,
  key: SymmetricKey,
): { job: OpenJobWire; transfer: ArrayBuffer[] } {
  const job = openJobToWire(chunk, key);
  const transfer = owned(...job.fragments.map(({ block }) => block));
  // Cloning a view clones the whole buffer below it.
  const fragments = job.fragments.map(({ cid, block }) => ({
    cid,
    block: transfer.includes(block.buffer as ArrayBuffer) ? block : block.slice(),
  }));
  return { job: { ...job, fragments }, transfer };
}

/** Buffers that belong to these views alone; what only lies in one is copied instead. */
function owned(...views: readonly Uint8Array[]): ArrayBuffer[] {
  const covered = new Map<ArrayBufferLike, number>();
  for (const { buffer, byteLength } of views) {
    covered.set(buffer, (covered.get(buffer) ?? 0) + byteLength);
  }
  return [...covered].flatMap(([buffer, bytes]) =>
    buffer instanceof ArrayBuffer && bytes > 0 && bytes === buffer.byteLength ? buffer : [],
  );
}
