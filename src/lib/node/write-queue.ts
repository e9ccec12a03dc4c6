/**
 * Concurrent uploads of one transaction, stored together. A request holds about one MiB, so a
 * client sends several at a time; each alone would cost two store transactions and compete with the
 * others for the owner's record. While some are being stored the next ones gather.
 *
 * Holds only requests in progress. If a batch is refused, each of its requests is tried alone, so
 * that none fails for another's size.
 */
import type { Cid } from '#lib/codec/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { storeBlocks } from './space.ts';
import type { Announcement } from './space.ts';

/** Keeps one store transaction short enough for reads in between. */
const BATCH_BYTES = 16 * 1024 * 1024;

export interface Upload extends Omit<Announcement, 'blocks'> {
  readonly blocks: readonly { readonly cid: Cid; readonly bytes: Uint8Array }[];
}

interface Waiting {
  readonly upload: Upload;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class WriteQueue {
  readonly #deps: LocalNodeDeps;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(deps: LocalNodeDeps) {
    this.#deps = deps;
  }

  /** Resolves when the blocks are stored. */
  store(upload: Upload): Promise<void> {
    const kind = `${upload.owner.toString()}/${upload.tid}/${String(upload.isStructure)}`;
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(kind);
      if (waiting !== undefined) {
        waiting.push({ upload, resolve, reject });
        return;
      }
      const first = [{ upload, resolve, reject }];
      this.#waiting.set(kind, first);
      void this.#work(kind, first);
    });
  }

  async #work(kind: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchLength(waiting));
      try {
        await this.#storeTogether(batch.map(({ upload }) => upload));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        await this.#retryAlone(batch, error);
      }
    }
    this.#waiting.delete(kind);
  }

  async #storeTogether(uploads: readonly Upload[]): Promise<void> {
    const [first] = uploads;
    if (first === undefined) return;
    for (const { signal } of uploads) signal?.throwIfAborted();
    const { owner, tid, isStructure } = first;
    const signal = uploads.length === 1 ? first.signal : undefined;
    const blocks = uploads.flatMap((upload) => upload.blocks);
    await storeBlocks(this.#deps, { owner, tid, isStructure, signal }, blocks);
  }

  async #retryAlone(batch: readonly Waiting[], error: unknown): Promise<void> {
    const [only] = batch;
    if (batch.length === 1) only?.reject(error);
    else {
      for (const { upload, resolve, reject } of batch) {
        await this.#storeTogether([upload]).then(resolve, reject);
      }
    }
  }
}

function batchLength(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let length = 0;
  for (const { upload } of waiting) {
    bytes += upload.blocks.reduce((sum, block) => sum + block.bytes.length, 0);
    if (length > 0 && bytes > BATCH_BYTES) break;
    length++;
  }
  return length;
}
