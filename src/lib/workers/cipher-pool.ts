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
  DamagedNode,
  DirtyData,
  openJobToWire,
  sealedChunkFromWire,
  sealJobToWire,
  TruncatedChunk,
  WrongKey,
  type ChunkCipher,
  type SealedChunkWire,
  type UnverifiedChunk,
} from '#lib/cryptree/index.ts';
import { CannotDecrypt, DamagedBlock, type SymmetricKey } from '#lib/crypto/index.ts';
import type { CipherAnswer, CipherJob, CipherReady, LentPort } from './cipher-jobs.ts';

/** The part of a Worker the pool uses. */
export interface CipherWorker {
  postMessage(message: CipherJob | LentPort, transfer: Transferable[]): void;
  addEventListener(
    type: 'message',
    listener: (event: MessageEvent<CipherAnswer | CipherReady>) => void,
  ): void;
  addEventListener(type: 'error', listener: (event: Event) => void): void;
  terminate(): void;
}

/** A worker of the pool died. */
export class CipherWorkerFailed extends PyrgosError {
  override readonly name = 'CipherWorkerFailed';
  constructor() {
    super('Part of the app stopped working. Please try again.');
  }
}

export interface CipherPool extends ChunkCipher {
  /** A port to one of the workers, for somebody else's jobs; `undefined` if none lives. */
  lend(): MessagePort | undefined;
  close(): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly worker: CipherWorker;
  isReady: boolean;
  readonly pending: Map<number, Pending>;
}

/** How many workers pay off: the engine's own thread needs one core too. */
export function cipherWorkerCount(cores: number | undefined): number {
  return Math.min(4, Math.max(2, (cores ?? 2) - 1));
}

/** Starts `count` workers. `fallback` does the work while none of them is ready. */
export function createCipherPool(
  count: number,
  startWorker: () => CipherWorker,
  fallback: ChunkCipher,
): CipherPool {
  const crew = new Crew(count, startWorker);
  return {
    async seal(job, signal) {
      if (!crew.isReady) return fallback.seal(job, signal);
      const wire = sealJobToWire(job);
      const sealed = await crew.run({ kind: 'seal', job: wire }, owned(wire.plain), signal);
      return sealedChunkFromWire(sealed as SealedChunkWire);
    },
    async open(chunk, key, signal) {
      if (!crew.isReady) return fallback.open(chunk, key, signal);
      const { job, transfer } = openJob(chunk, key);
      const plain = await crew.run(job, transfer, signal);
      return plain as Uint8Array;
    },
    async hash(plain, signal) {
      if (!crew.isReady) return fallback.hash(plain, signal);
      return (await crew.run({ kind: 'hash', plain }, owned(plain), signal)) as Uint8Array;
    },
    lend: () => crew.lend(),
    close: () => crew.dismiss(),
  };
}

/** The living workers, and who waits for which answer. Both sides are of one build. */
class Crew {
  readonly #members = new Set<Member>();
  #lastId = 0;

  constructor(count: number, startWorker: () => CipherWorker) {
    try {
      for (let i = 0; i < count; i++) this.#join(startWorker());
    } catch {
      // Workers inside workers are missing here: the engine's thread does it all.
    }
  }

  /** Whether there is a worker that can be given a job. */
  get isReady(): boolean {
    return this.#readyMembers().length > 0;
  }

  #readyMembers(): Member[] {
    return [...this.#members].filter((member) => member.isReady);
  }

  /** Gives a job to the ready worker that has the fewest. */
  async run(
    job: CipherJob['job'],
    transfer: Transferable[],
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const [first, ...others] = this.#readyMembers();
    if (first === undefined) throw new CipherWorkerFailed();
    const least = others.reduce((a, b) => (b.pending.size < a.pending.size ? b : a), first);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      least.pending.set(id, { resolve, reject });
      least.worker.postMessage({ id, job }, transfer);
    });
  }

  lend(): MessagePort | undefined {
    const last = [...this.#members].at(-1);
    if (last === undefined) return undefined;
    const { port1, port2 } = new MessageChannel();
    last.worker.postMessage({ port: port1 }, [port1]);
    return port2;
  }

  dismiss(): void {
    for (const member of this.#members) this.#lose(member);
  }

  #join(worker: CipherWorker): void {
    const member: Member = { worker, isReady: false, pending: new Map() };
    this.#members.add(member);
    worker.addEventListener('message', ({ data }) => {
      if ('isReady' in data) {
        member.isReady = true;
        return;
      }
      const pending = member.pending.get(data.id);
      member.pending.delete(data.id);
      if ('error' in data) pending?.reject(errorOf(data.error));
      else pending?.resolve(data.result);
    });
    worker.addEventListener('error', () => this.#lose(member));
  }

  /** The worker is no more, and what it was asked fails. */
  #lose(member: Member): void {
    this.#members.delete(member);
    member.worker.terminate();
    for (const { reject } of member.pending.values()) reject(new CipherWorkerFailed());
    member.pending.clear();
  }
}

/** A job to open a chunk, and what goes with it. */
export function openJob(
  chunk: UnverifiedChunk,
  key: SymmetricKey,
): { job: CipherJob['job']; transfer: ArrayBuffer[] } {
  const job = openJobToWire(chunk, key);
  const transfer = owned(...job.fragments.map(({ block }) => block));
  // Cloning a view clones the whole buffer below it.
  const fragments = job.fragments.map(({ cid, block }) => ({
    cid,
    block: transfer.includes(block.buffer as ArrayBuffer) ? block : block.slice(),
  }));
  return { job: { kind: 'open', job: { ...job, fragments } }, transfer };
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

/** Errors keep their class over the border, because callers tell them apart by it. */
export function errorOf({ name, message }: { name: string; message: string }): Error {
  switch (name) {
    case 'WrongKey':
      return new WrongKey(message);
    case 'TruncatedChunk':
      return new TruncatedChunk(message);
    case 'DamagedNode':
      return new DamagedNode(message);
    case 'DirtyData':
      return new DirtyData(message);
    case 'DamagedBlock':
      return new DamagedBlock(message);
    case 'CannotDecrypt':
      return new CannotDecrypt();
    default:
      return new Error(message);
  }
}
