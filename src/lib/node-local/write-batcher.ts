/**
 * Concurrent uploads of one transaction, stored together. A request holds about one MiB, so a
 * client sends several at a time; each alone would cost several store transactions and compete with
 * the others for the owner's record. What is being checked when a batch is due goes with it; while
 * one is being stored the next gathers.
 *
 * Holds only requests in progress. If a batch is refused, each of its requests is tried alone, so
 * that none fails for another's size or writer.
 */
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { storeBlocks } from './usage.ts';
import type { Announcement } from './usage.ts';
import { isPartOfState } from './late-writes.ts';
import type { Author } from './late-writes.ts';

/** Keeps one store transaction short enough for reads in between. */
const BATCH_BYTES = 16 * 1024 * 1024;

/** What one request wants stored, besides its blocks. */
export interface Upload extends Omit<Announcement, 'blocks' | 'authors'> {
  readonly writer: KeyHash;
}

interface NamedBlock {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

interface Waiting {
  readonly upload: Upload;
  readonly blocks: readonly NamedBlock[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Uploads that may be stored together. */
class Gathering {
  readonly waiting: Waiting[] = [];
  /** Requests whose blocks are being checked and will come. */
  checking = 0;
  #wake: () => void = () => undefined;

  get isOver(): boolean {
    return this.waiting.length === 0 && this.checking === 0;
  }

  /** Resolves when a batch is full or nothing more is about to come. */
  async whenDue(): Promise<void> {
    while (this.checking > 0 && batchLength(this.waiting) === this.waiting.length) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  changed(): void {
    this.#wake();
  }
}

export class WriteQueue {
  readonly #deps: LocalNodeDeps;
  readonly #gatherings = new Map<string, Gathering>();

  constructor(deps: LocalNodeDeps) {
    this.#deps = deps;
  }

  /** Resolves with the CIDs when the blocks are stored; rejects as the check does. */
  async store(upload: Upload, checking: Promise<readonly NamedBlock[]>): Promise<Cid[]> {
    const gathering = this.#gatheringOf(upload);
    gathering.checking++;
    let stored: Promise<void>;
    try {
      const blocks = await checking;
      stored = new Promise((resolve, reject) => {
        gathering.waiting.push({ upload, blocks, resolve, reject });
      });
    } finally {
      gathering.checking--;
      gathering.changed();
    }
    await stored;
    return (await checking).map(({ cid }) => cid);
  }

  #gatheringOf({ owner, tid, graceBytes }: Upload): Gathering {
    const kind = `${owner.toString()}/${tid}/${String(graceBytes)}`;
    let gathering = this.#gatherings.get(kind);
    if (gathering === undefined) {
      gathering = new Gathering();
      this.#gatherings.set(kind, gathering);
      void this.#work(kind, gathering);
    }
    return gathering;
  }

  async #work(kind: string, gathering: Gathering): Promise<void> {
    const { waiting } = gathering;
    do {
      await Promise.resolve(); // the one that began the group adds to it first
      await gathering.whenDue();
      const batch = waiting.splice(0, batchLength(waiting));
      try {
        await this.#storeTogether(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        await this.#retryAlone(batch, error);
      }
    } while (!gathering.isOver);
    this.#gatherings.delete(kind);
  }

  async #storeTogether(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    for (const { upload } of batch) upload.signal?.throwIfAborted();
    const { owner, tid, graceBytes } = first.upload;
    const signal = batch.length === 1 ? first.upload.signal : undefined;
    const blocks = batch.flatMap((each) => each.blocks);
    const authors = batch.map(authorOf);
    await storeBlocks(this.#deps, { owner, tid, authors, graceBytes, signal }, blocks);
  }

  async #retryAlone(batch: readonly Waiting[], error: unknown): Promise<void> {
    const [only] = batch;
    if (batch.length === 1) only?.reject(error);
    else {
      for (const each of batch) {
        await this.#storeTogether([each]).then(each.resolve, each.reject);
      }
    }
  }
}

function authorOf({ upload, blocks }: Waiting): Author {
  const { writer } = upload;
  const isOfState = () => blocks.every(({ cid, bytes }) => isPartOfState(writer, cid, bytes));
  return { writer, sizeBytes: sumBytes(blocks), isOfState };
}

function sumBytes(blocks: readonly NamedBlock[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function batchLength(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let length = 0;
  for (const { blocks } of waiting) {
    bytes += sumBytes(blocks);
    if (length > 0 && bytes > BATCH_BYTES) break;
    length++;
  }
  return length;
}
