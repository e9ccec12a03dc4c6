/**
 * From files into the stores of a node: blocks first, each compared with its CID, then the records
 * are examined, then everything the account consists of is looked for, and last it appears, all at
 * one instant. Until then nobody sees anything.
 *
 * Every fault is told by name to the caller, who throws it to refuse the account, or goes on to see
 * what a damaged one still holds.
 */
import type { PyrgosError } from '#lib/bytes/index.ts';
import { MalformedArchive, readCar } from '#lib/car/index.ts';
import { BLOCK_MAX_BYTES } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { DamagedBlock, verifyBlock } from '#lib/crypto/index.ts';
import {
  AccountDamaged,
  examineAccount,
  placeAccount,
  storeForAccount,
} from '#lib/node-local/index.ts';
import type { LocalNodeDeps } from '#lib/node-local/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import type { DescribedUser, Description } from './description.ts';
import { DuplicateBlock, IncompleteArchive } from './errors.ts';

/** Stored in one transaction: few enough bytes to hold, few enough records to write. */
const BATCH_BYTES = 8 * BLOCK_MAX_BYTES;
const BATCH_BLOCKS = 256;

export interface ReceiveOptions {
  /** What it throws ends the work. */
  readonly onFault: (fault: PyrgosError) => void;
  /** Called after all faults were reported, before the account is added. What it throws ends the import. */
  readonly onExamined?: () => void;
  /** Bytes of the block file read so far. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One user of an archive, and the blocks beside it. */
export interface Received {
  readonly description: Pick<Description, 'blocks'>;
  readonly user: DescribedUser;
  readonly blocks: AsyncIterable<Uint8Array>;
}

/** `announced` grows by the records that protect the blocks until the account is in place. */
export async function receiveAccount(
  deps: LocalNodeDeps,
  { description, user, blocks }: Received,
  options: ReceiveOptions,
  announced: RecordEntry[] = [],
): Promise<void> {
  const receiver = new BlockReceiver(deps, user, announced, options);
  await receiver.readAll(blocks);
  if (description.blocks !== undefined && description.blocks !== receiver.count) {
    const counts = `${receiver.count} blocks instead of ${description.blocks}`;
    options.onFault(new IncompleteArchive(`The block file holds ${counts}.`));
  }
  const examined = await examineAccount(deps, user, options.signal);
  for (const fault of examined.faults) {
    // What is damaged in the file was told when it was read.
    const isTold = fault instanceof AccountDamaged && receiver.damaged.has(String(fault.missing));
    if (!isTold) options.onFault(fault);
  }
  options.onExamined?.();
  options.signal?.throwIfAborted();
  await placeAccount(deps, examined, { announced });
}

/** Stores in batches what belongs to its CID. */
class BlockReceiver {
  count = 0;
  /** Blocks that are not what their CIDs say. */
  readonly damaged = new Set<string>();
  readonly #deps: LocalNodeDeps;
  readonly #user: DescribedUser;
  readonly #announced: RecordEntry[];
  readonly #options: ReceiveOptions;
  readonly #seen = new Set<string>();
  #batch: { cid: Cid; bytes: Uint8Array }[] = [];
  #batchBytes = 0;

  constructor(
    deps: LocalNodeDeps,
    user: DescribedUser,
    announced: RecordEntry[],
    options: ReceiveOptions,
  ) {
    this.#deps = deps;
    this.#user = user;
    this.#announced = announced;
    this.#options = options;
  }

  async readAll(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { onProgress, signal } = this.#options;
    await this.#tell(async () => {
      const car = await readCar(counted(pieces, onProgress), signal);
      for await (const { cid, bytes } of car.blocks) {
        this.count++;
        await this.#tell(() => this.#take(cid, bytes));
        const isFull = this.#batchBytes >= BATCH_BYTES || this.#batch.length === BATCH_BLOCKS;
        if (isFull) await this.#store();
      }
    });
    await this.#store();
  }

  async #take(cid: Cid, bytes: Uint8Array): Promise<void> {
    const name = cid.toString();
    if (this.#seen.has(name)) throw new DuplicateBlock(`The block file holds ${name} twice.`);
    this.#seen.add(name);
    this.damaged.add(name);
    await verifyBlock(cid, bytes);
    this.damaged.delete(name);
    this.#batch.push({ cid, bytes });
    this.#batchBytes += bytes.length;
  }

  async #store(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    const { signal } = this.#options;
    this.#announced.push(await storeForAccount(this.#deps, this.#user.identity, batch, { signal }));
  }

  /** A fault of the file ends this part of the work, unless the caller ends all of it. */
  async #tell(work: () => Promise<void>): Promise<void> {
    let fault: PyrgosError;
    try {
      return await work();
    } catch (error) {
      if (!isFaultOfFile(error)) throw error;
      fault = error;
    }
    this.#options.onFault(fault);
  }
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  onProgress: ((doneBytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let doneBytes = 0;
  for await (const piece of pieces) {
    yield piece;
    doneBytes += piece.length;
    onProgress?.(doneBytes);
  }
}

/** Anything else, a full disk for instance, is no fault of the file. */
function isFaultOfFile(error: unknown): error is PyrgosError {
  return error instanceof MalformedArchive || error instanceof DamagedBlock;
}
