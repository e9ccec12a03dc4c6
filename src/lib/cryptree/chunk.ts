/**
 * Sealing and opening one chunk (A-3 §2.2, §2.3): pure, and run in cipher workers.
 *
 * Memory: a full chunk is 5 MiB and is copied as little as can be: into the cipher's own memory, and
 * from there to the fragment blocks, or to the plaintext of which a view is returned.
 *
 * Every seal draws a new nonce and new BATs, so equal content never gives equal blocks. Opening
 * believes nothing before the authenticator of the whole ciphertext has been checked, and nothing
 * after it either: the writer may be hostile.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  CHUNK_BYTES,
  CODEC,
  decodeCbor,
  encodeCbor,
  FRAGMENT_MAX_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import {
  Bat,
  CannotDecrypt,
  hashBlock,
  NONCE_BYTES,
  open,
  rawBlockPrefix,
  SEAL_OVERHEAD_BYTES,
  sealPieces,
  sha256,
  splitRawBlock,
} from '#lib/crypto/index.ts';
import type { BatId, SymmetricKey } from '#lib/crypto/index.ts';
import { DamagedNode, DirtyData, reading, TruncatedChunk, WrongKey } from './errors.ts';
import type { ChunkParts, Fpct } from './fpct.ts';

export interface SealedFragment {
  readonly cid: Cid;
  readonly bat: Bat;
  /** BAT prefix and piece of the ciphertext: the raw block to store. */
  readonly block: Uint8Array;
}

export interface SealedChunk {
  readonly nonce: Uint8Array;
  /** 22 bytes when fragmented, else empty. */
  readonly header: Uint8Array;
  readonly inline?: Uint8Array | undefined;
  readonly fragments: readonly SealedFragment[];
  /** SHA-256 of the plaintext, when asked for (A-8 §11). */
  readonly plainSha256?: Uint8Array | undefined;
}

export interface SealOptions {
  /** Also compute {@link SealedChunk.plainSha256}. */
  readonly hashPlain?: boolean;
}

const PAD_BYTES = 4096;
/** Kept in the node beside the authenticator so that fragments are whole multiples of 4096. */
const EXCESS_BYTES = 6;
// Room for old, larger paddings; beyond it a writer only wants to fill the memory of its readers.
const CIPHERTEXT_MAX_BYTES = CHUNK_BYTES + 3 * FRAGMENT_MAX_BYTES;

/** Padding is shorter than a block of it. */
const ZEROS = new Uint8Array(PAD_BYTES);

/**
 * Encrypts the bytes of one file chunk under the file's data key.
 * Draws the nonce, then one BAT per fragment. Throws {@link DirtyData} for a key kept over a rotation.
 */
export async function sealChunk(
  plain: Uint8Array,
  dataKey: SymmetricKey,
  mirrorBatId: BatId | undefined,
  random: Random,
  options: SealOptions = {},
): Promise<SealedChunk> {
  // Started first: the engine hashes on its own thread while this one encrypts.
  const hashing = options.hashPlain === true ? sha256(plain) : undefined;
  const sealed = await sealPadded(
    [byteStringHeader(plain.length), plain],
    dataKey,
    mirrorBatId,
    random,
  );
  return hashing === undefined ? sealed : { ...sealed, plainSha256: await hashing };
}

/** Encrypts any CBOR value the same way: the child list of a directory chunk. */
export function sealValue(
  value: CborValue,
  key: SymmetricKey,
  mirrorBatId: BatId | undefined,
  random: Random,
): Promise<SealedChunk> {
  return sealPadded([encodeCbor(value)], key, mirrorBatId, random);
}

/**
 * The plaintext bytes of a file chunk, as a view.
 * Throws {@link WrongKey}, {@link TruncatedChunk} or {@link DamagedNode}; never returns partial data.
 */
export function openChunk(parts: ChunkParts, key: SymmetricKey): Promise<Uint8Array> {
  return Promise.resolve().then(() => byteStringContent(openParts(parts, key)));
}

/** The CBOR value of a directory chunk. Throws as {@link openChunk}. */
export function openValue(parts: ChunkParts, key: SymmetricKey): CborValue {
  const plain = openParts(parts, key);
  return reading(DamagedNode, () => decodeCbor(plain));
}

/** How a node refers to a sealed chunk. */
export function fpctOf(sealed: SealedChunk): Fpct {
  const isInline = sealed.inline !== undefined;
  return {
    nonce: sealed.nonce,
    header: isInline ? undefined : sealed.header,
    inline: sealed.inline,
    fragments: sealed.fragments.map(({ cid, bat }) => ({ cid, bat: bat.withId() })),
  };
}

/** Length after padding of an encoded value (A-3 §2.2). */
export function paddedLength(encodedLength: number): number {
  const excess = encodedLength <= PAD_BYTES ? 0 : EXCESS_BYTES;
  return Math.ceil((encodedLength - excess) / PAD_BYTES) * PAD_BYTES + excess;
}

/** Pads an encoded value given in pieces, seals it, and cuts the result to blocks. */
async function sealPadded(
  encoded: readonly Uint8Array[],
  key: SymmetricKey,
  mirrorBatId: BatId | undefined,
  random: Random,
): Promise<SealedChunk> {
  if (key.dirty) throw new DirtyData('The file must be re-encrypted before it is changed.');
  const encodedLength = encoded.reduce((sum, piece) => sum + piece.length, 0);
  const length = paddedLength(encodedLength);
  const padded = [...encoded, ZEROS.subarray(0, length - encodedLength)];
  const nonce = random(NONCE_BYTES);
  const { header, inline, blocks, pieces } = layOut(
    length + SEAL_OVERHEAD_BYTES,
    mirrorBatId,
    random,
  );
  sealPieces(key, nonce, padded, pieces);
  const fragments = await Promise.all(
    blocks.map(async ({ bat, block }) => ({ cid: await hashBlock(block, CODEC.raw), bat, block })),
  );
  return { nonce, header, inline, fragments };
}

/** Where a ciphertext of this length goes: inline, or into a header and fragment blocks. */
function layOut(cipherLength: number, mirrorBatId: BatId | undefined, random: Random) {
  if (cipherLength <= PAD_BYTES + EXCESS_BYTES + SEAL_OVERHEAD_BYTES) {
    const inline = new Uint8Array(cipherLength);
    return { header: new Uint8Array(0), inline, blocks: [], pieces: [inline] };
  }
  const header = new Uint8Array(cipherLength % PAD_BYTES);
  const blocks: { bat: Bat; block: Uint8Array }[] = [];
  const pieces = [header];
  for (let start = header.length; start < cipherLength; start += FRAGMENT_MAX_BYTES) {
    const bat = Bat.random(random);
    const ids = mirrorBatId === undefined ? [bat.inlineId()] : [bat.inlineId(), mirrorBatId];
    const prefix = rawBlockPrefix(ids);
    const pieceLength = Math.min(FRAGMENT_MAX_BYTES, cipherLength - start);
    const block = new Uint8Array(prefix.length + pieceLength);
    block.set(prefix);
    blocks.push({ bat, block });
    pieces.push(block.subarray(prefix.length));
  }
  return { header, inline: undefined, blocks, pieces };
}

function byteStringHeader(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length);
  if (length < 0x100) return Uint8Array.of(0x58, length);
  if (length < 0x10000) return Uint8Array.of(0x59, length >> 8, length & 0xff);
  return Uint8Array.of(
    0x5a,
    length >>> 24,
    (length >> 16) & 0xff,
    (length >> 8) & 0xff,
    length & 0xff,
  );
}

function openParts(parts: ChunkParts, key: SymmetricKey): Uint8Array {
  const pieces = parts.pieces.map(
    (piece) => reading(DamagedNode, () => splitRawBlock(piece)).payload,
  );
  let length = parts.header.length;
  for (const piece of pieces) length += piece.length;
  if (length > CIPHERTEXT_MAX_BYTES) throw new DamagedNode('A part of a file is too large.');
  try {
    return open(key, parts.nonce, [parts.header, ...pieces]);
  } catch (error) {
    if (!(error instanceof CannotDecrypt)) throw error;
    throw new WrongKey('A part of a file cannot be decrypted.', { cause: error });
  }
}

/** Reads one CBOR byte string without copying it; what follows is padding. */
function byteStringContent(plain: Uint8Array): Uint8Array {
  const initial = plain[0];
  if (initial === undefined || initial >> 5 !== 2) {
    throw new DamagedNode('A part of a file holds no file data.');
  }
  const short = initial & 0x1f;
  const lengthBytes = short < 24 ? 0 : short === 24 ? 1 : short === 25 ? 2 : short === 26 ? 4 : -1;
  if (lengthBytes < 0) throw new DamagedNode('A part of a file has an impossible length.');
  let length = lengthBytes === 0 ? short : 0;
  for (let i = 1; i <= lengthBytes; i++) length = length * 256 + (plain[i] ?? Infinity);
  const start = 1 + lengthBytes;
  if (!(start + length <= plain.length)) {
    throw new TruncatedChunk('A part of a file ends before its announced length.');
  }
  return plain.subarray(start, start + length);
}
