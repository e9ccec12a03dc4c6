/**
 * Files as one ZIP archive, written while it is read: no entry is ever whole in memory. Paths must
 * be ones that every system takes (`mapPaths`); what is left out is listed in a text file at the
 * end, because an archive that is silently incomplete is worse than none.
 *
 * `client-zip` writes everything but one record: it takes the ZIP64 form for sizes and offsets of
 * 4 GiB and more, and not for more than 65,534 entries (APPNOTE 4.4.1.4). {@link zipStream} adds
 * that record before the end.
 */
import { makeZip } from 'client-zip';
import { concat, utf8 } from '#lib/bytes/index.ts';

/** Name of the list of what an archive lacks, at its top. */
export const LEFT_OUT_NAME = 'Files that could not be read.txt';

/** The length of a path is 16 bits in an archive. */
const PATH_MAX_BYTES = 0xffff;

/** An entry of an archive; a folder has no content and a path that ends in `/`. */
export interface ZipEntry {
  readonly path: string;
  /** From 1980 to 2107, which is all that an archive can say. */
  readonly modifiedMs: number;
  readonly content?: ReadableStream<Uint8Array> | Blob | Uint8Array;
}

/** Something that an archive lacks, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** Whether an archive can hold an entry of this path. */
export function isZipPath(path: string): boolean {
  return path.length <= PATH_MAX_BYTES && utf8(path).length <= PATH_MAX_BYTES;
}

/** The entry that lists what an archive lacks. */
export function leftOutEntry(
  path: string,
  leftOut: readonly LeftOut[],
  modifiedMs: number,
): ZipEntry {
  const lines = leftOut.map((each) => `${each.path}: ${each.reason}\r\n`);
  return { path, modifiedMs, content: new Blob(lines) };
}

/** The bytes of an archive of these entries, in their order. An entry that breaks breaks it. */
export function zipStream(
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
): ReadableStream<Uint8Array> {
  let count = 0;
  async function* inputs() {
    for await (const { path, modifiedMs, content } of entries) {
      count += 1;
      const lastModified = new Date(modifiedMs);
      yield content === undefined
        ? { name: path, lastModified }
        : { name: path, lastModified, input: content };
    }
  }
  const reader = makeZip(inputs(), { buffersAreUTF8: true }).getReader();
  const end = new ArchiveEnd();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let passed: readonly Uint8Array[] = [];
        // A pull that gives nothing would not be followed by another.
        while (passed.length === 0) {
          const { done, value } = await reader.read();
          passed = done ? end.finish(count) : end.push(value);
          for (const bytes of passed) controller.enqueue(bytes);
          if (done) return controller.close();
        }
      },
      async cancel(reason) {
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

const END_BYTES = 22;
const END64_BYTES = 56;
const LOCATOR_BYTES = 20;
const VERSION_ZIP64 = 45;

/** Holds the last record of an archive back until it is known whether one must come before it. */
class ArchiveEnd {
  #held: Uint8Array = new Uint8Array(0);
  #passedBytes = 0;

  /** Takes the next bytes, gives those that cannot belong to the last record. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const isShort = bytes.length < END_BYTES;
    const [first, second] = isShort
      ? [new Uint8Array(0), concat(this.#held, bytes)]
      : [this.#held, bytes];
    const passed = Math.max(0, second.length - END_BYTES);
    this.#held = second.slice(passed);
    this.#passedBytes += first.length + passed;
    return [first, second.subarray(0, passed)].filter(({ length }) => length > 0);
  }

  /** The last record, after the ZIP64 ones where the count needs them. */
  finish(count: number): readonly Uint8Array[] {
    const end = new DataView(this.#held.buffer, this.#held.byteOffset, this.#held.length);
    const directoryAt = end.getUint32(16, true);
    // From 4 GiB on the records are there.
    const isMissing = count >= 0xffff && directoryAt < 0xffffffff;
    return isMissing ? [this.#records(count, directoryAt), this.#held] : [this.#held];
  }

  /** "End of central directory" in its 64-bit form, and its locator (APPNOTE 4.3.14, 4.3.15). */
  #records(count: number, directoryAt: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(END64_BYTES + LOCATOR_BYTES));
    view.setUint32(0, 0x06064b50, true);
    view.setBigUint64(4, BigInt(END64_BYTES - 12), true);
    view.setUint16(12, VERSION_ZIP64, true);
    view.setUint16(14, VERSION_ZIP64, true);
    view.setBigUint64(24, BigInt(count), true);
    view.setBigUint64(32, BigInt(count), true);
    view.setBigUint64(40, BigInt(this.#passedBytes - directoryAt), true);
    view.setBigUint64(48, BigInt(directoryAt), true);
    view.setUint32(END64_BYTES, 0x07064b50, true);
    view.setBigUint64(END64_BYTES + 8, BigInt(this.#passedBytes), true);
    view.setUint32(END64_BYTES + 16, 1, true);
    return new Uint8Array(view.buffer);
  }
}
