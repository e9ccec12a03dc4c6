/**
 * What a node keeps of the name registry, in its record store: a million small blocks would be a
 * million objects in an object store.
 *
 * | table            | key                   | value |
 * |------------------|-----------------------|-------|
 * | `registry`       | `root`                | {@link RootRecord} that is served |
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

/** The two signed pointers of one sequence number: they prove that the registry lied. */
export interface Equivocation {
  readonly writer: KeyHash;
  readonly sequence: number;
  readonly kept: Uint8Array;
  readonly shown: Uint8Array;
}

export function equivocationEntry({ writer, sequence, kept, shown }: Equivocation): RecordEntry {
  const key = `${keyRecordKey(writer)}/${sortable(sequence)}`;
  const value = encodeCbor(
    cborMap([
      ['w', writer],
      ['s', sequence],
      ['a', kept],
      ['b', shown],
    ]),
  );
  return { table: TABLE.forks, key, value };
}

export function equivocationFromBytes(bytes: Uint8Array): Equivocation {
  const what = 'The record of a fork';
  const map = asMap(decodeBlock(bytes), what);
  return {
    writer: asKeyHash(field(map, 'w', what), what),
    sequence: asInteger(field(map, 's', what), what),
    kept: asBytes(field(map, 'a', what), what),
    shown: asBytes(field(map, 'b', what), what),
  };
}

export function samePointer(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, b);
}
