/**
 * Working memory for whole chunks, kept between calls: a fresh 5 MiB array costs as much in page
 * faults as a third of its encryption. Use is synchronous, so one area per purpose serves a thread.
 */
import { CHUNK_BYTES } from '#lib/codec/index.ts';

// Small jobs are not worth keeping memory for, larger ones than a padded chunk do not occur.
const KEEP_MIN_BYTES = 256 * 1024;
const KEEP_MAX_BYTES = CHUNK_BYTES + 64 * 1024;

export class Scratch {
  #kept: Uint8Array | undefined;

  /**
   * Runs `use` with `length` bytes of unspecified content, of which nothing may be kept or returned.
   * Whoever puts secrets there wipes them.
   */
  run<T>(length: number, use: (area: Uint8Array) => T): T {
    return use(this.#area(length));
  }

  #area(length: number): Uint8Array {
    if (length < KEEP_MIN_BYTES || length > KEEP_MAX_BYTES) return new Uint8Array(length);
    this.#kept ??= new Uint8Array(KEEP_MAX_BYTES);
    return this.#kept.subarray(0, length);
  }
}
