/**
 * A service worker may start no workers, and while it opens a chunk it hands out no bytes. So the
 * engine of a page lends it a cipher worker, over a port; the key of a chunk goes with the job.
 *
 * A page may close or be put to sleep at any moment. Then the jobs it has fail with
 * {@link CipherWorkerFailed}, their buffers are gone with it, and the next ones are done here: whoever
 * reads a file looks a second time at a chunk that failed.
 */
import type { ChunkCipher, SealedChunk, UnverifiedChunk } from '#lib/cryptree/index.ts';
import type { SymmetricKey } from '#lib/crypto/index.ts';
import type { CipherAnswer, CipherJob } from './cipher-jobs.ts';
import { CipherWorkerFailed, errorOf, openJob } from './cipher-pool.ts';

/** Less than this is opened sooner than asked for. */
const MIN_BYTES = 512 * 1024;
/** A cipher worker has a handful of jobs of some 20 ms before it; one that takes longer sleeps. */
const PATIENCE_MS = 2000;

interface Waiting {
  readonly resolve: (plain: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class BorrowedCipher implements ChunkCipher {
  readonly #local: ChunkCipher;
  readonly #patienceMs: number;
  #lender: Lender | undefined;

  constructor(local: ChunkCipher, patienceMs = PATIENCE_MS) {
    this.#local = local;
    this.#patienceMs = patienceMs;
  }

  /** Takes a port to a cipher worker; the latest is used. */
  borrow(port: MessagePort): void {
    this.#lender?.dismiss();
    this.#lender = new Lender(port, this.#patienceMs);
  }

  async open(chunk: UnverifiedChunk, key: SymmetricKey, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const lender = this.#lender;
    const sizeBytes = chunk.fragments.reduce((sum, { block }) => sum + block.length, 0);
    if (lender === undefined || sizeBytes < MIN_BYTES) return this.#local.open(chunk, key, signal);
    try {
      return await lender.open(chunk, key);
    } finally {
      if (lender.isGone && this.#lender === lender) this.#lender = undefined;
    }
  }

  seal(...job: Parameters<ChunkCipher['seal']>): Promise<SealedChunk> {
    return this.#local.seal(...job);
  }

  hash(...job: Parameters<ChunkCipher['hash']>): Promise<Uint8Array> {
    return this.#local.hash(...job);
  }
}

class Lender {
  readonly #port: MessagePort;
  readonly #patienceMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  isGone = false;

  constructor(port: MessagePort, patienceMs: number) {
    this.#port = port;
    this.#patienceMs = patienceMs;
    port.addEventListener('message', ({ data }: MessageEvent<CipherAnswer>) => this.#receive(data));
    port.addEventListener('close', () => this.dismiss());
    port.start();
  }

  open(chunk: UnverifiedChunk, key: SymmetricKey): Promise<Uint8Array> {
    if (this.isGone) return Promise.reject(new CipherWorkerFailed());
    const id = ++this.#lastId;
    const { job, transfer } = openJob(chunk, key);
    const message: CipherJob = { id, job };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.dismiss(), this.#patienceMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#port.postMessage(message, transfer);
    });
  }

  /** Who waits is told that nobody answers any more. */
  dismiss(): void {
    this.isGone = true;
    this.#port.close();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new CipherWorkerFailed());
    }
    this.#waiting.clear();
  }

  #receive(answer: CipherAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if ('error' in answer) waiting.reject(errorOf(answer.error));
    else waiting.resolve(answer.result as Uint8Array);
  }
}
