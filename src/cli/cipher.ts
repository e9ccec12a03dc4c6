/**
 * Sealing and opening for a process of its own. Content of some size goes to threads, which are
 * started with the first of it or when it is announced; until they are ready, and for all that is
 * small, the work is done here: most commands end before a thread would have begun.
 */
import { availableParallelism } from 'node:os';
import { Worker, type Transferable } from 'node:worker_threads';
import { systemRandom } from '#lib/crypto/index.ts';
import {
  createLocalChunkCipher,
  type ChunkCipher,
  type UnverifiedChunk,
} from '#lib/cryptree/index.ts';
import { createCipherPool } from '#lib/workers/index.ts';
import type { CipherPool, CipherWorker } from '#lib/workers/index.ts';

export interface OpenCipher {
  readonly cipher: ChunkCipher;
  /** Has the threads started now, for a command that is about to need them. */
  prepare(): void;
  close(): Promise<void>;
}

const SCRIPT = new URL('./cipher-worker.ts', import.meta.url);
/** What became of it in a bundle, where this module is JavaScript, too. */
const BUNDLED_SCRIPT = new URL('./cipher-worker.js', import.meta.url);
const WORTH_A_THREAD_BYTES = 1_000_000;
const MAX_THREADS = 4;

export function openCipher(): OpenCipher {
  const local = createLocalChunkCipher(systemRandom);
  const threads = new Threads(local);
  const by = (bytes: number): ChunkCipher =>
    bytes < WORTH_A_THREAD_BYTES ? local : threads.start();
  const bytesOf = ({ fragments }: UnverifiedChunk): number =>
    fragments.reduce((sum, { block }) => sum + block.length, 0);
  const cipher: ChunkCipher = {
    seal: (job, signal) => by(job.plain.length).seal(job, signal),
    open: (chunk, key, signal) => by(bytesOf(chunk)).open(chunk, key, signal),
    hash: (plain, signal) => by(plain.length).hash(plain, signal),
  };
  const prepare = (): void => {
    // On a single core they would only be in the way of what comes before.
    if (availableParallelism() > 1) threads.start();
  };
  return { cipher, prepare, close: () => threads.close() };
}

class Threads {
  readonly #local: ChunkCipher;
  readonly #workers: Worker[] = [];
  #pool: CipherPool | undefined;

  constructor(local: ChunkCipher) {
    this.#local = local;
  }

  /** The threads, started by the first call; until one is ready the work is done here. */
  start(): ChunkCipher {
    return (this.#pool ??= this.#makePool());
  }

  async close(): Promise<void> {
    this.#pool?.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #makePool(): CipherPool {
    // One core is left to this thread, which talks to the node.
    const count = Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1));
    const pool = createCipherPool(this.#local);
    for (let i = 0; i < count; i++) {
      const worker = new Worker(import.meta.url.endsWith('.ts') ? SCRIPT : BUNDLED_SCRIPT);
      worker.unref();
      this.#workers.push(worker);
      pool.add(asCipherWorker(worker));
    }
    return pool;
  }
}

/** Node's worker as browsers show theirs. It keeps the process alive only while it has work. */
function asCipherWorker(worker: Worker): CipherWorker {
  return {
    postMessage: (message, transfer) =>
      worker.postMessage(message, transfer as Transferable[] | undefined),
    addEventListener: (
      type: 'message' | 'error',
      listener: ((event: MessageEvent) => void) | (() => void),
    ) => {
      worker.on(type, (data: unknown) =>
        (listener as (event: { data: unknown }) => void)({ data }),
      );
    },
    // Its messages end with the worker.
    removeEventListener: () => undefined,
    setBusy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
    terminate: () => {
      void worker.terminate();
    },
  };
}
