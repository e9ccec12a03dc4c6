/**
 * FragmentedPaddedCipherText, "FPCT" (A-3 §2): how a node refers to its encrypted content, either
 * inline or as links to raw blocks. Legacy forms (A-3 §2.4) are read and written back in today's.
 *
 * Hostile: the map comes from a node anyone with write access made. Nothing is decrypted here; the
 * authenticator of the whole ciphertext is checked when a chunk is opened.
 */
import { concat } from '#lib/bytes/index.ts';
import {
  asBytes,
  asBytesOf,
  asLink,
  asList,
  asMap,
  cborMap,
  CODEC,
  decodeBlock,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';
import { BatWithId, NONCE_BYTES, verifyBlock } from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { DamagedNode, reading } from './errors.ts';

export interface FragmentLink {
  readonly cid: Cid;
  /** Needed to fetch the fragment; absent on data written before access tokens existed. */
  readonly bat: BatWithId | undefined;
}

export interface Fpct {
  readonly nonce: Uint8Array;
  /** Leading part of the ciphertext, when there are fragments. */
  readonly header: Uint8Array | undefined;
  /** The ciphertext (after a header, if there is one), when there are no fragments. */
  readonly inline: Uint8Array | undefined;
  readonly fragments: readonly FragmentLink[];
}

/** What opening one chunk needs. */
export interface ChunkParts {
  readonly nonce: Uint8Array;
  readonly header: Uint8Array;
  /** Fragment blocks in order, each with its BAT prefix if it has one. */
  readonly pieces: readonly Uint8Array[];
}

/** As {@link ChunkParts}, with the fragments as a node answered them and the names they should have. */
export interface UnverifiedChunk {
  readonly nonce: Uint8Array;
  readonly header: Uint8Array;
  readonly fragments: readonly UnverifiedFragment[];
}

export interface UnverifiedFragment {
  readonly cid: Cid;
  readonly block: UnverifiedBlock;
}

/** Fetches one unverified fragment block; throws when it is missing. */
export type FetchFragment = (
  cid: Cid,
  bat: BatWithId | undefined,
  signal?: AbortSignal,
) => Promise<UnverifiedBlock>;

/** Fetches one *verified* fragment block; throws when it is missing. */
export type LoadFragment = (
  cid: Cid,
  bat: BatWithId | undefined,
  signal?: AbortSignal,
) => Promise<Uint8Array>;

// A 5 MiB chunk in the smallest fragments ever written (128 KiB) has 41.
const FRAGMENTS_MAX = 128;

/** Map form (A-3 §2.1). */
export function fpctToCbor(fpct: Fpct): CborMap {
  if (fpct.inline !== undefined) {
    return cborMap([
      ['n', fpct.nonce],
      ['h', fpct.header],
      ['f', [fpct.inline]],
    ]);
  }
  return cborMap([
    ['n', fpct.nonce],
    ['h', fpct.header],
    ['f', fpct.fragments.map((fragment) => fragment.cid)],
    ['bats', leadingBats(fpct.fragments)],
  ]);
}

/** Parses the map form and its legacy variants. Throws {@link DamagedNode}. */
export function fpctFromCbor(value: CborValue | undefined): Fpct {
  return reading(DamagedNode, () => {
    const map = asMap(value, 'The content of a node');
    const nonce = asBytesOf(optional(map, 'n'), NONCE_BYTES, 'The nonce of a content');
    const headerValue = optional(map, 'h');
    const header = headerValue === undefined ? undefined : asBytes(headerValue, 'A header');
    const list = asList(optional(map, 'f'), 'The fragments');
    const [first] = list;
    if (list.length === 1 && first instanceof Uint8Array) {
      return { nonce, header, inline: first, fragments: [] };
    }
    const fragments = fragmentsFrom(list, optional(map, 'bats'));
    const [only] = fragments;
    if (fragments.length === 1 && only?.cid.isIdentity === true) {
      return { nonce, header, inline: only.cid.digest, fragments: [] };
    }
    return { nonce, header, inline: undefined, fragments };
  });
}

/** Loads all fragments, in parallel, for opening. Errors of `load` pass through. */
export async function loadParts(
  fpct: Fpct,
  load: LoadFragment,
  signal?: AbortSignal,
): Promise<ChunkParts> {
  const { nonce, header } = nodePartOf(fpct);
  const pieces = await Promise.all(
    fpct.fragments.map(async ({ cid, bat }) =>
      cid.isIdentity ? cid.digest : pieceOf(cid, await load(cid, bat, signal)),
    ),
  );
  return { nonce, header, pieces };
}

/** Fetches all fragments, in parallel, for {@link verifiedParts} elsewhere. Errors pass through. */
export async function fetchChunk(
  fpct: Fpct,
  fetch: FetchFragment,
  signal?: AbortSignal,
): Promise<UnverifiedChunk> {
  const fragments = await Promise.all(
    fpct.fragments.map(async ({ cid, bat }) => {
      const block = cid.isIdentity ? cid.digest.slice() : await fetch(cid, bat, signal);
      return { cid, block: block as UnverifiedBlock };
    }),
  );
  return { ...nodePartOf(fpct), fragments };
}

/** Compares the fragments with their names. Throws `DamagedBlock`. */
export async function verifiedParts(chunk: UnverifiedChunk): Promise<ChunkParts> {
  const pieces = await Promise.all(
    chunk.fragments.map(async ({ cid, block }) => {
      await verifyBlock(cid, block);
      return cid.isIdentity ? block : pieceOf(cid, block);
    }),
  );
  return { nonce: chunk.nonce, header: chunk.header, pieces };
}

/** What the node itself holds of a content: all of it, or what comes before the fragments. */
function nodePartOf({ nonce, header = new Uint8Array(0), inline }: Fpct) {
  return { nonce, header: inline === undefined ? header : concat(header, inline) };
}

/** Undoes the legacy wrapping of a fragment in a CBOR byte string; other blocks are used as they are. */
export function pieceOf(cid: Cid, block: Uint8Array): Uint8Array {
  if (cid.codec !== CODEC.dagCbor) return block;
  return reading(DamagedNode, () => asBytes(decodeBlock(block), 'A fragment'));
}

function fragmentsFrom(list: readonly CborValue[], bats: CborValue | undefined): FragmentLink[] {
  if (list.length === 0 || list.length > FRAGMENTS_MAX) {
    throw new DamagedNode('A content has no fragments, or too many.');
  }
  const tokens = bats === undefined ? [] : asList(bats, 'The access tokens of the fragments');
  return list.map((item, i) => {
    const token = tokens[i];
    return {
      cid: asLink(item, 'A fragment'),
      bat: token === undefined ? undefined : BatWithId.fromCbor(token),
    };
  });
}

function leadingBats(fragments: readonly FragmentLink[]): CborValue[] {
  const bats: CborValue[] = [];
  for (const { bat } of fragments) {
    if (bat === undefined) break;
    bats.push(bat.toCbor());
  }
  return bats;
}
