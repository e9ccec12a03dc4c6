/**
 * Block access tokens: who proves to know one may fetch the block (A-4 §1, §3).
 *
 * Blocks and texts are hostile. A token hides ciphertext; it is not what keeps content secret.
 */
import {
  concat,
  equalBytes,
  equalConstantTime,
  fromMultibase,
  toMultibase,
} from '#lib/bytes/index.ts';
import type { Brand, Random } from '#lib/bytes/index.ts';
import {
  asBytes,
  asBytesOf,
  asList,
  asMap,
  BAT_PREFIX_MAX_BYTES,
  cborMap,
  Cid,
  CODEC,
  decodeBlock,
  decodeCbor,
  decodeCborPrefix,
  encodeCbor,
  field,
  HASH_TYPE,
  MalformedCbor,
  MalformedCid,
  SECRET_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { sha256Now, sha256Of } from './hash.ts';

/** The name of a token: a CID of codec raw. An inlined one *is* the secret. */
export type BatId = Brand<Cid, 'BatId'>;

export class Bat {
  readonly secret: Uint8Array;

  constructor(secret: Uint8Array) {
    if (secret.length !== SECRET_BYTES) throw new RangeError('an access token has 32 bytes');
    this.secret = secret;
  }

  static random(random: Random): Bat {
    return new Bat(random(SECRET_BYTES));
  }

  static fromCbor(value: CborValue | undefined): Bat {
    const secret = field(asMap(value, 'an access token'), 's', 'an access token');
    return new Bat(asBytesOf(secret, SECRET_BYTES, 'an access token'));
  }

  toCbor(): CborValue {
    return cborMap([['s', this.secret]]);
  }

  /** First entry in the list of a block: the secret itself, readable by every holder of the block. */
  inlineId(): BatId {
    return Cid.identity(CODEC.raw, this.secret) as BatId;
  }

  /** Beside a token taken from a capability or a list of fragments. */
  cborHashId(): BatId {
    return Cid.sha256(CODEC.raw, sha256Now(encodeCbor(this.toCbor()))) as BatId;
  }

  /** Mirror tokens, as most clients make them. */
  secretHashId(): BatId {
    return Cid.sha256(CODEC.raw, sha256Now(this.secret)) as BatId;
  }

  /** Every id under which a block may list this token (A-4 §1). */
  ids(): readonly BatId[] {
    return [this.inlineId(), this.secretHashId(), this.cborHashId()];
  }

  /** The token of the following chunk of a file (A-8 §7). */
  next(streamSecret: Uint8Array): Bat {
    return new Bat(sha256Of(streamSecret, this.secret));
  }

  /** With its CBOR-hash id, as it is sent to a server. */
  withId(): BatWithId {
    return new BatWithId(this, this.cborHashId());
  }

  equals(other: Bat): boolean {
    return equalConstantTime(this.secret, other.secret);
  }

  /** Text form of the secret. Not `toString`, so that no message can hold it by accident. */
  toSecretText(): string {
    return toMultibase(this.secret);
  }
}

/** A token and the hashed id under which it is listed. */
export class BatWithId {
  readonly bat: Bat;
  readonly id: BatId;

  constructor(bat: Bat, id: BatId) {
    this.bat = bat;
    this.id = id;
  }

  static fromCbor(value: CborValue | undefined): BatWithId {
    const what = 'an access token with id';
    const map = asMap(value, what);
    const id = toBatId(field(map, 'i', what));
    if (id.isIdentity) throw new MalformedCbor('The id of an access token may not be inlined.');
    return new BatWithId(Bat.fromCbor(field(map, 'b', what)), id);
  }

  /** Whether the id is one of those of this very token. */
  get isTrue(): boolean {
    return this.bat.ids().some((id) => id.equals(this.id));
  }

  /** Reads the text form. Throws `MalformedCbor` or `MalformedBytes`. */
  static parse(text: string): BatWithId {
    return BatWithId.fromCbor(decodeBlock(fromMultibase(text)));
  }

  toCbor(): CborValue {
    return cborMap([
      ['b', this.bat.toCbor()],
      ['i', this.id.bytes],
    ]);
  }

  /** Text form, holding the secret: `z` and base58 of the CBOR. */
  toSecretText(): string {
    return toMultibase(encodeCbor(this.toCbor()));
  }

  equals(other: BatWithId): boolean {
    return this.id.equals(other.id) && this.bat.equals(other.bat);
  }
}

/** Reads a BatId from its byte string. Throws `MalformedCbor`. */
export function toBatId(value: CborValue | undefined): BatId {
  try {
    const id = Cid.fromBytes(asBytes(value, 'the id of an access token'));
    if (id.isRaw && isBatHash(id)) return id as BatId;
  } catch (error) {
    if (!(error instanceof MalformedCid)) throw error;
  }
  throw new MalformedCbor('The id of an access token is malformed.');
}

/** `71 1d 10 cf 3d 32 2f 2b`: a raw block that begins so lists its tokens. */
const RAW_BLOCK_MAGIC = Uint8Array.of(0x71, 0x1d, 0x10, 0xcf, 0x3d, 0x32, 0x2f, 0x2b);

/** What precedes the payload of a raw block: nothing for no ids, else 47 bytes for one, 85 for two. */
export function rawBlockPrefix(ids: readonly BatId[]): Uint8Array {
  if (ids.length === 0) return new Uint8Array(0);
  const prefix = concat(RAW_BLOCK_MAGIC, encodeCbor(ids.map((id) => id.bytes)));
  if (prefix.length > BAT_PREFIX_MAX_BYTES) throw new RangeError('too many access tokens');
  return prefix;
}

/** Takes a raw block apart; the payload is a view. Throws `MalformedCbor`. */
export function splitRawBlock(block: Uint8Array): {
  readonly batIds: BatId[];
  readonly payload: Uint8Array;
} {
  const start = block.subarray(0, RAW_BLOCK_MAGIC.length);
  if (!equalBytes(start, RAW_BLOCK_MAGIC)) return { batIds: [], payload: block };
  // The list is short, so a longer look would only let its counts lie more freely.
  const head = block.subarray(0, BAT_PREFIX_MAX_BYTES);
  const { value, next } = decodeCborPrefix(head, RAW_BLOCK_MAGIC.length);
  return { batIds: toBatIds(value), payload: block.subarray(next) };
}

/** The ids that a block lists; none means that anybody may have it. Throws `MalformedCbor`. */
export function batIdsOfBlock(bytes: Uint8Array, codec: number): BatId[] {
  if (codec === CODEC.raw) return splitRawBlock(bytes).batIds;
  if (codec !== CODEC.dagCbor) return [];
  const value = decodeCbor(bytes);
  const list = value instanceof Map ? value.get('bats') : undefined;
  return list === undefined ? [] : toBatIds(list as CborValue);
}

function toBatIds(value: CborValue): BatId[] {
  return asList(value, 'the list of access tokens').map(toBatId);
}

function isBatHash(id: Cid): boolean {
  return id.hashType === HASH_TYPE.sha2_256 || id.hashType === HASH_TYPE.identity;
}
