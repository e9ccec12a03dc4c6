/**
 * IPNS records of Ed25519 peers: what a peer signed about its own id (the IPNS specification; B-2
 * §7). Signed is a DAG-CBOR map, the data; on the Kademlia table it travels in a protobuf that
 * repeats the map's fields, for readers of before. Hostile until opened.
 */
import { concat, decodeVarint, encodeVarint, equalBytes, utf8 } from '#lib/bytes/index.ts';
import { fromHex, fromUtf8, MalformedBytes, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { asBigint, asBytes, asMap, Cid, cborMap, CODEC, decodeCbor } from '#lib/codec/index.ts';
import { encodeCbor, field, HASH_TYPE } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { keyOfPeer, signDetached } from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { checkDetached } from './authorisation.ts';

/** The longest that anybody keeps. */
export const IPNS_RECORD_MAX_BYTES = 10 * 1024;
const SIGNED_PREFIX = utf8('ipns-signature:');
const KEY_PREFIX = utf8('/ipns/');
const WHAT = 'The record of a node';
const UNTIL_A_TIME = 0;
const NANOSECONDS_PER_MS = 1_000_000n;
/** Some writers give the nanoseconds without leading zeros, so what follows the seconds is not read. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?Z$/u;

/** An IPNS record is too long, incomplete or contradicts itself. */
export class MalformedIpnsRecord extends PyrgosError {
  override readonly name: string = 'MalformedIpnsRecord';
  override readonly kind = 'damaged';
}

/** The time until which an IPNS record counts is over. */
export class IpnsRecordExpired extends PyrgosError {
  override readonly name: string = 'IpnsRecordExpired';
  override readonly kind = 'refused';
}

/** The data of a record and the 64-byte signature of them: what `ipns/get` answers (B-1 §2.1). */
export interface SignedIpnsRecord {
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

export interface IpnsRecord {
  readonly sequence: bigint;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresMs: number;
  readonly ttlMs: number;
  /** A path, or in some old records something else. */
  readonly value: Uint8Array;
  /** Further fields; their names begin with `_`. */
  readonly extra: readonly (readonly [string, CborValue])[];
}

/** Signs a record with the key that the peer's id is made of. */
export async function signIpnsRecord(
  key: SigningKeyPair,
  record: IpnsRecord,
): Promise<SignedIpnsRecord> {
  const data = encodeCbor(
    cborMap([
      ['Value', record.value],
      ['Validity', utf8(timeText(record.expiresMs))],
      ['ValidityType', UNTIL_A_TIME],
      ['Sequence', record.sequence],
      ['TTL', BigInt(record.ttlMs) * NANOSECONDS_PER_MS],
      ...record.extra,
    ]),
  );
  return { data, signature: await signDetached(key, concat(SIGNED_PREFIX, data)) };
}

/**
 * The record of the Ed25519 peer `id`, as far as it counts at `nowMs`. Throws `WrongSignature`, also
 * for ids of other kinds, {@link IpnsRecordExpired}, {@link MalformedIpnsRecord}, `MalformedCbor`.
 */
export async function openIpnsRecord(
  id: Cid,
  { data, signature }: SignedIpnsRecord,
  nowMs: number,
): Promise<IpnsRecord> {
  if (data.length > IPNS_RECORD_MAX_BYTES) throw new MalformedIpnsRecord(`${WHAT} is too long.`);
  const key = keyOfPeer(id);
  if (key === undefined) throw new MalformedIpnsRecord(`${WHAT} is of a kind that is not read.`);
  await checkDetached(key, signature, concat(SIGNED_PREFIX, data), WHAT);
  const record = recordIn(asMap(decodeCbor(data), WHAT));
  if (record.expiresMs <= nowMs) throw new IpnsRecordExpired(`${WHAT} has expired.`);
  return record;
}

/**
 * Which of several records of one peer is the newest: by sequence, then by how long it counts; its
 * index. Their signatures were checked before. Throws as {@link openIpnsRecord} does.
 */
export function newestIpnsRecord(records: readonly SignedIpnsRecord[]): number {
  const read = records.map(({ data }) => recordIn(asMap(decodeCbor(data), WHAT)));
  const isNewer = (a: IpnsRecord, b: IpnsRecord): boolean =>
    a.sequence === b.sequence ? a.expiresMs > b.expiresMs : a.sequence > b.sequence;
  return read.reduce((best, it, i) => (isNewer(it, read[best] ?? it) ? i : best), 0);
}

/** The key of a peer's record on the Kademlia table. */
export function ipnsKeyOf(id: Cid): Uint8Array {
  return concat(KEY_PREFIX, id.multihash);
}

/** The peer whose record has this key; `undefined`: it is no key of an IPNS record. */
export function peerOfIpnsKey(key: Uint8Array): Cid | undefined {
  if (!equalBytes(key.subarray(0, KEY_PREFIX.length), KEY_PREFIX)) return undefined;
  try {
    const head = Uint8Array.of(1, CODEC.libp2pKey);
    const id = Cid.fromBytes(concat(head, key.subarray(KEY_PREFIX.length)));
    return id.hashType === HASH_TYPE.identity ? id : undefined;
  } catch (error) {
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}

/** What `ipns/get` answers: JSON with both in hex. */
export function ipnsRecordToJson({ data, signature }: SignedIpnsRecord): string {
  return JSON.stringify({ sig: toHex(signature), data: toHex(data) });
}

/** Throws {@link MalformedIpnsRecord}. */
export function ipnsRecordFromJson(text: string): SignedIpnsRecord {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'sig' in value && 'data' in value) {
      const { sig, data } = value;
      if (typeof sig === 'string' && typeof data === 'string') {
        return { data: fromHex(data), signature: fromHex(sig) };
      }
    }
  } catch (error) {
    throw new MalformedIpnsRecord(`${WHAT} cannot be read.`, { cause: error });
  }
  throw new MalformedIpnsRecord(`${WHAT} is none.`);
}

const FIELD = {
  value: 1,
  validityType: 3,
  validity: 4,
  sequence: 5,
  ttl: 6,
  signature: 8,
  data: 9,
} as const;
const VARINT = 0;
const BYTES = 2;

/** The protobuf of a record, as it is put on the Kademlia table. */
export function ipnsRecordToProtobuf({ data, signature }: SignedIpnsRecord): Uint8Array {
  const map = asMap(decodeCbor(data), WHAT);
  const bytesOf = (number: number, bytes: Uint8Array): Uint8Array =>
    concat(Uint8Array.of(number * 8 + BYTES), encodeVarint(bytes.length), bytes);
  const integerOf = (number: number, value: bigint): Uint8Array =>
    concat(Uint8Array.of(number * 8 + VARINT), encodeVarint(value));
  return concat(
    bytesOf(FIELD.value, asBytes(field(map, 'Value', WHAT), WHAT)),
    integerOf(FIELD.validityType, BigInt(UNTIL_A_TIME)),
    bytesOf(FIELD.validity, asBytes(field(map, 'Validity', WHAT), WHAT)),
    integerOf(FIELD.sequence, asBigint(field(map, 'Sequence', WHAT), WHAT)),
    integerOf(FIELD.ttl, asBigint(field(map, 'TTL', WHAT), WHAT)),
    bytesOf(FIELD.signature, signature),
    bytesOf(FIELD.data, data),
  );
}

/**
 * Data and signature of a record from the Kademlia table. What the protobuf repeats of the data is
 * passed over: only the data are signed. Throws {@link MalformedIpnsRecord}.
 */
export function ipnsRecordFromProtobuf(bytes: Uint8Array): SignedIpnsRecord {
  if (bytes.length > IPNS_RECORD_MAX_BYTES) throw new MalformedIpnsRecord(`${WHAT} is too long.`);
  let data: Uint8Array | undefined;
  let signature: Uint8Array | undefined;
  for (const { number, value } of bytesFields(bytes)) {
    if (number === FIELD.data) data = value;
    if (number === FIELD.signature) signature = value;
  }
  if (data !== undefined && signature !== undefined) return { data, signature };
  throw new MalformedIpnsRecord(`${WHAT} lacks its data or their signature.`);
}

function recordIn(map: CborMap): IpnsRecord {
  if (asBigint(field(map, 'ValidityType', WHAT), WHAT) !== BigInt(UNTIL_A_TIME)) {
    throw new MalformedIpnsRecord(`${WHAT} counts in a way that is not known.`);
  }
  const sequence = asBigint(field(map, 'Sequence', WHAT), WHAT);
  const ttlNs = asBigint(field(map, 'TTL', WHAT), WHAT);
  if (sequence < 0n || ttlNs < 0n) throw new MalformedIpnsRecord(`${WHAT} has a number below 0.`);
  return {
    sequence,
    ttlMs: Number(ttlNs / NANOSECONDS_PER_MS),
    expiresMs: timeIn(asBytes(field(map, 'Validity', WHAT), WHAT)),
    value: asBytes(field(map, 'Value', WHAT), WHAT),
    extra: [...map].filter(([name]) => name.startsWith('_')),
  };
}

/** With nine digits behind the seconds: some readers demand some, and understand no other number. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/u, '.000000000Z');
}

function timeIn(bytes: Uint8Array): number {
  const [, ...parts] = TIME.exec(textIn(bytes)) ?? [];
  const [year = NaN, month = NaN, day, hour, minute, second] = parts.map(Number);
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Number.isNaN(ms)) throw new MalformedIpnsRecord(`${WHAT} does not say until when it counts.`);
  return ms;
}

function textIn(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (error) {
    throw new MalformedIpnsRecord(`${WHAT} holds a text that is none.`, { cause: error });
  }
}

/** The fields of a protobuf message that are bytes, in order; numbers are passed over. */
function* bytesFields(
  message: Uint8Array,
): Generator<{ readonly number: number; readonly value: Uint8Array }> {
  for (let at = 0; at < message.length;) {
    const tag = varint(message, at);
    const kind = Number(tag.value % 8n);
    const { value, next } = varint(message, tag.next);
    if (kind !== VARINT && kind !== BYTES) {
      throw new MalformedIpnsRecord(`${WHAT} has a field of an unknown kind.`);
    }
    const end = BigInt(next) + (kind === BYTES ? value : 0n);
    if (end > BigInt(message.length)) throw new MalformedIpnsRecord(`${WHAT} ends early.`);
    at = Number(end);
    if (kind === BYTES) yield { number: Number(tag.value / 8n), value: message.slice(next, at) };
  }
}

function varint(bytes: Uint8Array, offset: number): { value: bigint; next: number } {
  try {
    const { value, next } = decodeVarint(bytes, offset);
    return { value: BigInt(value), next };
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw new MalformedIpnsRecord(`${WHAT} holds a malformed number.`, { cause: error });
  }
}
