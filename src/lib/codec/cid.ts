/**
 * Content identifiers and the multihash inside them (A-1 §4, §5, §7).
 *
 * A `Cid` is immutable, and valid once it exists: every constructor path checks codec, hash type
 * and digest length. Its binary form is canonical, so two CIDs are equal exactly when their bytes
 * are, and the text form (cached) may serve as a `Map` key. Nothing here hashes: whether a block
 * belongs to a CID is asked of the crypto room.
 *
 * Input comes from blocks, nodes, links and addresses: hostile.
 */
import {
  concat,
  decodeVarint,
  encodeVarint,
  equalBytes,
  fromBase58,
  fromMultibase,
  MalformedBytes,
  PyrgosError,
  toBase58,
  toMultibase,
} from '#lib/bytes/index.ts';
import { IDENTITY_LEGACY_MAX_BYTES, IDENTITY_MAX_BYTES } from './limits.ts';

/** What the bytes behind a CID are. */
export const CODEC = { raw: 0x55, dagPb: 0x70, dagCbor: 0x71, libp2pKey: 0x72 } as const;

/** Hash functions that are recognised. Only the first two are ever written. */
export const HASH_TYPE = {
  identity: 0x00,
  sha2_256: 0x12,
  sha2_512: 0x13,
  sha3_512: 0x14,
  blake3: 0x1e,
  blake2b_512: 0x40,
  blake2s_256: 0x41,
} as const;

/** Bytes or text that should be a CID are none. */
export class MalformedCid extends PyrgosError {
  override readonly name: string = 'MalformedCid';
  override readonly kind = 'damaged';
}

const CODECS: ReadonlySet<number> = new Set(Object.values(CODEC));
const DIGEST_BYTES: ReadonlyMap<number, number> = new Map([
  [HASH_TYPE.sha2_256, 32],
  [HASH_TYPE.sha2_512, 64],
  [HASH_TYPE.sha3_512, 64],
  [HASH_TYPE.blake3, 32],
  [HASH_TYPE.blake2b_512, 64],
  [HASH_TYPE.blake2s_256, 32],
]);
const V0_BYTES = 34;
const V0_TEXT_LENGTH = 46;
/** In hex, the longest text form, what older writers inlined. */
const TEXT_MAX_UNITS = 2 * (IDENTITY_LEGACY_MAX_BYTES + 8) + 1;

/** A content identifier of version 0 or 1 (A-1 §5). Parsers throw {@link MalformedCid}. */
export class Cid {
  readonly version: 0 | 1;
  readonly codec: number;
  readonly hashType: number;
  readonly digest: Uint8Array;
  /** Binary form without the `00` that links put before it. Not to be written to. */
  readonly bytes: Uint8Array;
  #text: string | undefined;

  private constructor(version: 0 | 1, codec: number, hashType: number, digest: Uint8Array) {
    if (!CODECS.has(codec)) throw new MalformedCid(`A CID has the unknown codec ${codec}.`);
    checkDigest(hashType, digest.length);
    this.version = version;
    this.codec = codec;
    this.hashType = hashType;
    this.bytes = binaryForm(version, codec, hashType, digest);
    this.digest = this.bytes.subarray(this.bytes.length - digest.length);
  }

  /** Parses the binary form; the input must hold nothing else. Throws {@link MalformedCid}. */
  static fromBytes(bytes: Uint8Array): Cid {
    return asMalformedCid(() => {
      if (bytes.length === V0_BYTES && bytes[0] === HASH_TYPE.sha2_256 && bytes[1] === 32) {
        return new Cid(0, CODEC.dagPb, HASH_TYPE.sha2_256, bytes.subarray(2));
      }
      const version = decodeVarint(bytes, 0);
      if (version.value !== 1) throw new MalformedCid('A CID has an unknown version.');
      const codec = decodeVarint(bytes, version.next);
      const { hashType, digest } = readMultihash(bytes, codec.next);
      return new Cid(1, Number(codec.value), hashType, digest);
    });
  }

  /**
   * Parses a text form: any multibase, `Qm…` of version 0, or a peer id `1…` (the bare base58
   * multihash of an inlined libp2p key). Reading base58 takes time that grows with the square of its
   * length: a caller that expects no inlined content allows {@link CID_TEXT_MAX_UNITS} only. Throws
   * {@link MalformedCid}.
   */
  static parse(text: string, maxUnits = TEXT_MAX_UNITS): Cid {
    if (text.length > maxUnits) throw new MalformedCid('The text of a CID is too long.');
    return asMalformedCid(() => {
      if (text.startsWith('1')) {
        // The leading 1 is a zero byte: the type can only be identity.
        const { hashType, digest } = readMultihash(fromBase58(text), 0);
        return new Cid(1, CODEC.libp2pKey, hashType, digest);
      }
      const isV0 = text.length === V0_TEXT_LENGTH && text.startsWith('Qm');
      return Cid.fromBytes(isV0 ? fromBase58(text) : fromMultibase(text));
    });
  }

  static v1(codec: number, hashType: number, digest: Uint8Array): Cid {
    return new Cid(1, codec, hashType, digest);
  }

  /** A CID that is its own content. New ones hold at most {@link IDENTITY_MAX_BYTES}. */
  static identity(codec: number, content: Uint8Array): Cid {
    if (content.length > IDENTITY_MAX_BYTES) {
      throw new MalformedCid(`Content of ${content.length} bytes is too long to be inlined.`);
    }
    return new Cid(1, codec, HASH_TYPE.identity, content);
  }

  static sha256(codec: number, digest: Uint8Array): Cid {
    return new Cid(1, codec, HASH_TYPE.sha2_256, digest);
  }

  /** True when the digest is the content itself: such a block is never asked for nor uploaded. */
  get isIdentity(): boolean {
    return this.hashType === HASH_TYPE.identity;
  }

  get isRaw(): boolean {
    return this.codec === CODEC.raw;
  }

  /** Hash type, length and digest without version and codec. */
  get multihash(): Uint8Array {
    return multihashOf(this.hashType, this.digest);
  }

  equals(other: Cid): boolean {
    return this === other || equalBytes(this.bytes, other.bytes);
  }

  /** `z…`, or `Qm…` for version 0. */
  toString(): string {
    this.#text ??= this.version === 0 ? toBase58(this.bytes) : toMultibase(this.bytes);
    return this.#text;
  }

  /** Base58 of the bare multihash, as peer ids are written (`12D3Koo…`). */
  toPeerId(): string {
    return toBase58(this.multihash);
  }
}

function readMultihash(
  bytes: Uint8Array,
  offset: number,
): { hashType: number; digest: Uint8Array } {
  const type = decodeVarint(bytes, offset);
  const length = decodeVarint(bytes, type.next);
  if (Number(length.value) !== bytes.length - length.next) {
    throw new MalformedCid('The digest of a CID has another length than it says.');
  }
  return { hashType: Number(type.value), digest: bytes.subarray(length.next) };
}

function checkDigest(hashType: number, length: number): void {
  if (hashType === HASH_TYPE.identity) {
    if (length > IDENTITY_LEGACY_MAX_BYTES) throw new MalformedCid('An inlined CID is too long.');
    return;
  }
  const expected = DIGEST_BYTES.get(hashType);
  if (expected === undefined) throw new MalformedCid(`A CID has the unknown hash ${hashType}.`);
  if (length !== expected) throw new MalformedCid(`A CID has a digest of ${length} bytes.`);
}

function binaryForm(
  version: 0 | 1,
  codec: number,
  hashType: number,
  digest: Uint8Array,
): Uint8Array {
  if (version === 1 && digest.length < 0x80) {
    // Every number fits one byte: the case of nearly all CIDs, without intermediate arrays.
    const bytes = new Uint8Array(4 + digest.length);
    bytes.set([1, codec, hashType, digest.length]);
    bytes.set(digest, 4);
    return bytes;
  }
  const multihash = multihashOf(hashType, digest);
  return version === 0 ? multihash : concat(Uint8Array.of(1), encodeVarint(codec), multihash);
}

/** Both the same, or both absent. */
export function sameCid(a: Cid | undefined, b: Cid | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function multihashOf(hashType: number, digest: Uint8Array): Uint8Array {
  return concat(encodeVarint(hashType), encodeVarint(digest.length), digest);
}

function asMalformedCid(parse: () => Cid): Cid {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedBytes) throw new MalformedCid(error.message, { cause: error });
    throw error;
  }
}
