/** Whether two files are one and the same version, or have the same content. */
import { equalBytes, toHex } from '#lib/bytes/index.ts';
import { createFileReader } from '../reader.ts';
import type { Handle, ReaderDeps } from '../types.ts';

/** What differs after any change of content; renaming and moving leave it alone. */
export function versionOf({ properties }: Handle): string {
  const { sizeBytes, modified, hashBranch, streamSecret } = properties;
  const hash = hashBranch === undefined ? '' : toHex(hashBranch.root);
  const secret = streamSecret === undefined ? '' : toHex(streamSecret);
  return [sizeBytes, modified.seconds, modified.nanos, hash, secret].join('/');
}

/** Compares by the stored content hash where both have one, else byte by byte. */
export async function hasSameContent(
  a: { readonly deps: ReaderDeps; readonly file: Handle },
  b: { readonly deps: ReaderDeps; readonly file: Handle },
  signal?: AbortSignal,
): Promise<boolean> {
  const [one, two] = [a.file.properties, b.file.properties];
  if (one.sizeBytes !== two.sizeBytes) return false;
  if (one.hashBranch !== undefined && two.hashBranch !== undefined) {
    return equalBytes(one.hashBranch.root, two.hashBranch.root);
  }
  const readers = await Promise.all(
    [a, b].map(({ deps, file }) => createFileReader(deps, file.capability, signal)),
  );
  const [first, second] = readers.map((reader) => reader.read(0, one.sizeBytes, signal));
  let [left, right] = [new Uint8Array(), new Uint8Array()];
  for (;;) {
    if (left.length === 0) left = await nextPiece(first!);
    if (right.length === 0) right = await nextPiece(second!);
    const length = Math.min(left.length, right.length);
    if (length === 0) return left.length === right.length;
    if (!equalBytes(left.subarray(0, length), right.subarray(0, length))) return false;
    [left, right] = [left.subarray(length), right.subarray(length)];
  }
}

async function nextPiece(pieces: AsyncGenerator<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return new Uint8Array();
    if (value.length > 0) return new Uint8Array(value);
  }
}
