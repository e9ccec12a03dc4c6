/**
 * Room that is kept beside a database for the day the disk is full. Even a removal is first written
 * to the log; without room for that, nothing could ever be removed again. It is a file of real bytes,
 * taken at the first change where the disk is tight, and after 32 changes elsewhere: a quota of the
 * file system does not show in its free space. It is given up for records and for blocks that a change
 * needs, never for content, and taken again as soon as there is room.
 *
 * Two databases may be on one disk, and one must not take for free what the other gave up: so
 * content also leaves room for another reserve.
 */
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RoomLeft } from '../types.ts';

const RESERVE_BYTES = 3 * 1024 * 1024;
/** Free bytes that content leaves beside the reserve. */
const CONTENT_LEAVES_BYTES = 4 * 1024 * 1024;
/** So little, reserve and all, is for changes that free more than they add. */
const LAST_BYTES = 2 * 1024 * 1024;
const TIGHT_BYTES = 1024 * 1024 * 1024;
/** Looking costs microseconds, but a disk does not fill in a few changes. */
const CHANGES_BETWEEN_LOOKS = 32;

export class Reserve {
  readonly #file: string;
  #changes = 0;
  #isGivenUp = false;
  /** How often it was given up. */
  #timesGivenUp = 0;
  /** Content that was let in and is being written. */
  #underWayBytes = 0;
  /** The room is being taken, beside this thread. */
  #taking: Promise<void> | undefined;

  constructor(database: string) {
    this.#file = `${database}-reserve`;
  }

  /** To be told of each change: looks after the room now and then, at first at once. */
  onChange(): void {
    const isDue = this.#changes++ % CHANGES_BETWEEN_LOOKS === 0;
    if (isDue || this.#isGivenUp) this.#takeIfMissing();
  }

  /** Whether the disk is small enough to be full soon. */
  get isTight(): boolean {
    return this.#freeBytes() < TIGHT_BYTES;
  }

  /**
   * Takes the room if it is not taken yet and is to be had. Where the disk is far from full nobody
   * waits for it, and it counts as taken meanwhile.
   */
  #takeIfMissing(): void {
    const freeBytes = this.#freeBytes();
    if (freeBytes > TIGHT_BYTES && this.#changes <= CHANGES_BETWEEN_LOOKS) return;
    if (this.#keptBytes() >= RESERVE_BYTES) {
      this.#isGivenUp = false;
      return;
    }
    if (freeBytes > TIGHT_BYTES) this.#taking ??= this.#takeBeside().catch(() => undefined);
    else if (this.#taking === undefined) this.#take(freeBytes);
  }

  #take(freeBytes: number): void {
    this.#isGivenUp = true;
    if (freeBytes < RESERVE_BYTES) return;
    try {
      writeFileSync(this.#file, filling(), { mode: 0o600 });
      this.#isGivenUp = false;
    } catch {
      this.#drop();
    }
  }

  async #takeBeside(): Promise<void> {
    const given = this.#timesGivenUp;
    try {
      await writeFile(this.#file, filling(), { mode: 0o600 });
      if (given === this.#timesGivenUp) this.#isGivenUp = false;
      else this.#drop();
    } catch {
      this.#isGivenUp = true;
      this.#drop();
    } finally {
      this.#taking = undefined;
    }
  }

  /** A partly written reserve takes space and helps nothing. */
  #drop(): void {
    rmSync(this.#file, { force: true });
  }

  /** False if there was nothing to give. */
  giveUp(): boolean {
    const isThere = this.#keptBytes() > 0;
    this.#drop();
    this.#isGivenUp = true;
    this.#timesGivenUp++;
    return isThere;
  }

  /** Resolves when nothing is done beside this thread any more. */
  async settled(): Promise<void> {
    await this.#taking;
  }

  left(): RoomLeft {
    if (this.#isGivenUp) this.#takeIfMissing();
    const freeBytes = this.#freeBytes();
    if (!this.#isGivenUp && freeBytes >= CONTENT_LEAVES_BYTES) return 'ample';
    return freeBytes + this.#keptBytes() > LAST_BYTES ? 'tight' : 'last';
  }

  /** Counts content that is about to be written; false if it does not fit. To be ended by {@link done}. */
  admit(sizeBytes: number): boolean {
    if (this.#isGivenUp) this.#takeIfMissing();
    const takenBytes = this.#underWayBytes + sizeBytes;
    if (this.#isGivenUp || this.#freeBytes() - takenBytes < CONTENT_LEAVES_BYTES) return false;
    this.#underWayBytes = takenBytes;
    return true;
  }

  done(sizeBytes: number): void {
    this.#underWayBytes -= sizeBytes;
  }

  #keptBytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Infinite where the system does not say. */
  #freeBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#file));
      return bavail * bsize;
    } catch {
      return Infinity;
    }
  }
}

/** Bytes that a compressing file system cannot shrink. */
function filling(): Uint8Array {
  const words = new Uint32Array(RESERVE_BYTES / 4);
  let word = 1;
  for (let i = 0; i < words.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[i] = word;
  }
  return new Uint8Array(words.buffer);
}
