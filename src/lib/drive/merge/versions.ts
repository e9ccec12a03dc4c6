/** Whether two files are one and the same version, or have the same content; and what else differs. */
import { equalBytes, toHex } from '#lib/bytes/index.ts';
import type { FileProperties } from '#lib/cryptree/index.ts';
import type { PropertyChange } from '../properties.ts';
import { createFileReader } from '../reader.ts';
import type { Handle, ReaderDeps } from '../types.ts';

/** What may be changed without a new content. The name is the folder's affair. */
const FACETS = ['isHidden', 'modified', 'mimeType', 'thumbnail'] as const;
/** Of these the newer content has its own. */
const FACETS_OF_CONTENT = new Set<Facet>(['modified', 'mimeType', 'thumbnail']);

type Facet = (typeof FACETS)[number];

/** What differs after a change of content; renaming, moving and other properties leave it alone. */
export function contentOf({ properties }: Handle): string {
  const { sizeBytes, modified, hashBranch, streamSecret } = properties;
  const secret = streamSecret === undefined ? '' : toHex(streamSecret);
  // Without a hash a change in the middle shows in the time alone (A-9 §4).
  const hash =
    hashBranch === undefined ? `${modified.seconds}/${modified.nanos}` : toHex(hashBranch.root);
  return [sizeBytes, hash, secret].join('/');
}

/** Whether any property differs. */
export function isChanged(then: Handle, now: Handle): boolean {
  return FACETS.some((facet) => !isSame(facet, then.properties, now.properties));
}

/**
 * What was changed here and not there, property by property (A-5 §5). `isOurContent`: the file
 * has or gets the content of this device; else what belongs to a content is left alone.
 */
export function mergedProperties(
  { properties: base }: Handle,
  { properties: ours }: Handle,
  { properties: present }: Handle,
  isContentOurs: boolean,
): PropertyChange | undefined {
  const mayChange = (facet: Facet): boolean =>
    (isContentOurs || !FACETS_OF_CONTENT.has(facet)) &&
    !isSame(facet, base, ours) &&
    isSame(facet, base, present);
  const wanted = FACETS.filter(mayChange);
  if (wanted.length === 0) return undefined;
  return Object.fromEntries(wanted.map((facet) => [facet, ours[facet]]));
}

function isSame(facet: Facet, a: FileProperties, b: FileProperties): boolean {
  if (facet === 'modified') {
    return a.modified.seconds === b.modified.seconds && a.modified.nanos === b.modified.nanos;
  }
  if (facet !== 'thumbnail') return a[facet] === b[facet];
  const [one, two] = [a.thumbnail, b.thumbnail];
  if (one === undefined || two === undefined) return one === two;
  return one.mimeType === two.mimeType && equalBytes(one.bytes, two.bytes);
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
