/**
 * Plaintext of single chunks. Everything fetched here is hostile until its hash and its
 * authenticator were checked; whatever fails becomes {@link FileDamaged}.
 */
import {
  contentKey,
  fetchChunk,
  type Capability,
  type ChunkLocation,
  type FetchFragment,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import { ChunkChain, chunkCapability } from './chain.ts';
import { FileDamaged } from './errors.ts';
import { damageOnly, openAt, type View } from './nodes.ts';
import type { ReaderDeps } from './types.ts';

/** What is needed to read chunks of one file, as its first chunk says. */
export interface OpenFile {
  readonly capability: Capability;
  /** The first chunk: the only one whose properties count (A-8 §3). */
  readonly first: OpenNode;
  /** Absent on files from before stream secrets: those are walked chunk by chunk. */
  readonly chain: ChunkChain | undefined;
  readonly sizeBytes: number;
}

export function fileOf(first: OpenNode): OpenFile {
  const { capability, properties } = first;
  const secret = properties.streamSecret;
  const chain = secret && new ChunkChain(capability, secret);
  return { capability, first, chain, sizeBytes: properties.sizeBytes };
}

/** The node of chunk `index`, or undefined when the data map has none there. */
export async function chunkNode(
  view: View,
  file: OpenFile,
  index: number,
  signal?: AbortSignal,
): Promise<OpenNode | undefined> {
  if (index === 0) return file.first;
  const at = (place: Parameters<typeof chunkCapability>[1]) =>
    openAt(view, chunkCapability(file.capability, place), signal, 'later');
  if (file.chain) {
    const place = file.chain.at(index);
    const node = await at(place);
    if (node && !belongsTo(place, node)) throw new FileDamaged(`chunk ${index} is out of place`);
    return node;
  }
  let node: OpenNode | undefined = file.first;
  for (let i = 0; i < index && node?.next; i++) node = await at(node.next);
  return node;
}

/** A node names its own access token (A-8 §3): one that was put in another's place is known by it. */
function belongsTo({ bat }: ChunkLocation, { batIds }: OpenNode): boolean {
  const [own] = batIds;
  return bat === undefined || own === undefined || own.equals(bat.inlineId());
}

/**
 * The bytes chunk `index` contributes to the file: cut or extended with zeros to what the size
 * says (A-3 §2.5).
 * @throws FileDamaged when the chunk or one of its fragments is missing or fails its checks
 * @throws what the node itself fails with
 */
export async function readChunk(
  view: View,
  deps: ReaderDeps,
  file: OpenFile,
  index: number,
  chunkBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const wanted = Math.min(chunkBytes, Math.max(0, file.sizeBytes - index * chunkBytes));
  try {
    const node = await chunkNode(view, file, index, signal);
    if (!node) throw new FileDamaged(`chunk ${index} is missing`);
    return fitted(await openContent(view, deps, node, signal), wanted);
  } catch (error) {
    const cause = damageOnly(error, signal);
    if (cause instanceof FileDamaged) throw cause;
    throw new FileDamaged(`chunk ${index} cannot be read`, { cause });
  }
}

/** The stored plaintext of one chunk, whatever the file's size says. */
export async function openContent(
  view: View,
  deps: ReaderDeps,
  node: OpenNode,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const key = contentKey(node);
  const fetch: FetchFragment = (cid, bat, inner) => view.unverified(cid, bat, inner);
  return deps.cipher.open(await fetchChunk(node.fpct, fetch, signal), key, signal);
}

/** Exactly `length` bytes: cut, or extended with zeros. */
export function fitted(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  if (bytes.length > length) return bytes.subarray(0, length);
  const extended = new Uint8Array(length);
  extended.set(bytes);
  return extended;
}
