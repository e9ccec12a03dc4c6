/**
 * What a node keeps of the name registry, in its record store: a million small blocks would be a
 * million objects in an object store.
 *
 * | table            | key                   | value |
 * |------------------|-----------------------|-------|
 * | `registry`       | `root`                | {@link RootRecord} that is served |
 * | `registry`       | `refused`             | {@link Refusal} of the registry's newest state; absent while none is refused |
 * | `registry`       | `keys`                | seeds of the two keys; only where this node is the registry |
 * | `registryRoots`  | number of the root    | {@link RootRecord}, of the last {@link KEPT_ROOTS} |
 * | `registryBlocks` | hash of the block     | the block |
 * | `registryKeys`   | key id, as bytes      | user name |
 * | `registryGone`   | number `/` hash       | empty: this root's last block that is not in the next |
 * | `registryLast`   | hash of a block       | the number of the last root that had it |
 * | `registryForks`  | sequence numbers      | both signed pointers of one sequence number |
 *
 * One record says what is served; everything it leads to was stored before. So blocks and keys of a
 * state that is still coming, or was refused, may lie here and mean nothing.
 */
import { equalBytes, fromUtf8, toHex } from '#lib/bytes/index.ts';
import {
  asBytes,
  asInteger,
  asLink,
  asMap,
  asText,
  cborMap,
  CODEC,
  decodeBlock,
  encodeCbor,
  field,
  HASH_TYPE,
} from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { asKeyHash, verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { registryForkFromCbor, registryForkToCbor } from '#lib/protocol/index.ts';
import type { RegistryFork } from '#lib/protocol/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { RegistryRefused } from './errors.ts';

export const TABLE = {
  registry: 'registry',
  roots: 'registryRoots',
  blocks: 'registryBlocks',
  keys: 'registryKeys',
  gone: 'registryGone',
  last: 'registryLast',
  forks: 'registryForks',
} as const;

/** Roots of the past whose trees stay whole. */
export const KEPT_ROOTS = 1000;

/** One state of the registry, as its two keys signed it. */
export interface RootRecord {
  /** Counts the states that were taken here, from 1. */
  readonly number: number;
  /** Root of the tree of names. */
  readonly root: Cid;
  /** Key that signs the tree's pointer, as the identity says. */
  readonly pkiKey: KeyHash;
  readonly identityPointer: Uint8Array;
  readonly pkiPointer: Uint8Array;
  readonly identitySequence: number;
  readonly pkiSequence: number;
  readonly takenMs: number;
}

/** The root that is served, and its record as it was read. */
export interface ReadRoot {
  readonly entry: RecordEntry;
  readonly value: RootRecord | undefined;
}

export async function readRoot(records: RecordStore): Promise<ReadRoot> {
  const entry = { table: TABLE.registry, key: 'root' };
  const bytes = await records.get(entry.table, entry.key);
  return {
    entry: { ...entry, value: bytes },
    value: bytes === undefined ? undefined : rootFromBytes(bytes),
  };
}

export function rootToBytes(record: RootRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['n', record.number],
      ['r', record.root],
      ['k', record.pkiKey],
      ['i', record.identityPointer],
      ['p', record.pkiPointer],
      ['is', record.identitySequence],
      ['ps', record.pkiSequence],
      ['t', record.takenMs],
    ]),
  );
}

export function rootFromBytes(bytes: Uint8Array): RootRecord {
  const what = 'The record of the registry';
  const map = asMap(decodeBlock(bytes), what);
  const get = (key: string): CborValue => field(map, key, what);
  return {
    number: asInteger(get('n'), what),
    root: asLink(get('r'), what),
    pkiKey: asKeyHash(get('k'), what),
    identityPointer: asBytes(get('i'), what),
    pkiPointer: asBytes(get('p'), what),
    identitySequence: asInteger(get('is'), what),
    pkiSequence: asInteger(get('ps'), what),
    takenMs: asInteger(get('t'), what),
  };
}

/** Text that sorts as the number does. */
export function sortable(number: number): string {
  return number.toString().padStart(16, '0');
}

/** Under what a block of the registry is kept. Throws {@link RegistryRefused} for what is none. */
export function blockRecordKey(cid: Cid): string {
  if (cid.codec !== CODEC.dagCbor || cid.hashType !== HASH_TYPE.sha2_256) {
    throw new RegistryRefused('A block of the registry is named in a way that it may not be.');
  }
  return toHex(cid.digest);
}

/** A block that is kept, compared with its hash. */
export async function readBlock(records: RecordStore, cid: Cid): Promise<Uint8Array | undefined> {
  const bytes = await records.get(TABLE.blocks, blockRecordKey(cid));
  if (bytes !== undefined) await verifyBlock(cid, bytes);
  return bytes;
}

export function blockEntry(cid: Cid, value: Uint8Array): RecordEntry {
  return { table: TABLE.blocks, key: blockRecordKey(cid), value };
}

export function keyRecordKey(owner: KeyHash): string {
  return toHex(owner.bytes);
}

export async function readKeyOwner(
  records: RecordStore,
  owner: KeyHash,
): Promise<string | undefined> {
  const name = await records.get(TABLE.keys, keyRecordKey(owner));
  return name === undefined ? undefined : fromUtf8(name);
}

/** A proof that is kept; the same one is kept once. */
export function forkEntry(fork: RegistryFork): RecordEntry {
  const key = `${keyRecordKey(fork.writer)}/${sortable(fork.sequence)}`;
  return { table: TABLE.forks, key, value: encodeCbor(registryForkToCbor(fork)) };
}

export function forkFromBytes(bytes: Uint8Array): RegistryFork {
  return registryForkFromCbor(decodeBlock(bytes), 'The record of a fork');
}

/** Why the registry's newest state is not taken. */
export interface Refusal {
  readonly reason: string;
  /** Since when; milliseconds since 1970. */
  readonly sinceMs: number;
}

const REFUSAL = { table: TABLE.registry, key: 'refused' } as const;

export async function readRefusal(records: RecordStore): Promise<Refusal | undefined> {
  const bytes = await records.get(REFUSAL.table, REFUSAL.key);
  if (bytes === undefined) return undefined;
  const what = 'The record of a refusal';
  const map = asMap(decodeBlock(bytes), what);
  return {
    reason: asText(field(map, 'r', what), what),
    sinceMs: asInteger(field(map, 't', what), what),
  };
}

export function refusalEntry(refusal: Refusal | undefined): RecordEntry {
  const value =
    refusal &&
    encodeCbor(
      cborMap([
        ['r', refusal.reason],
        ['t', refusal.sinceMs],
      ]),
    );
  return { ...REFUSAL, value };
}

export function samePointer(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, b);
}
