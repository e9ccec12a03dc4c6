/**
 * The records a local node keeps, their keys and their bytes. Every record is canonical CBOR.
 *
 * | table          | key                      | value |
 * |----------------|--------------------------|-------|
 * | `node`         | `identity`               | seed of the key the node's id is made of |
 * | `node`         | `formerIdentities`       | list of the seeds of keys it had before, oldest first |
 * | `node`         | `transactions`           | secret under which transaction ids are made |
 * | `nodeRecords`  | peer id                  | data and signature of the IPNS record of an id of this node |
 * | `owners`       | owner                    | {@link OwnerRecord}: bytes stored and a change counter |
 * | `usage`        | owner                    | {@link UsageRecord}: bytes that pointers lead to |
 * | `reached`      | owner `/` count `/` cid  | {@link ReachedRecord}: a block that pointers lead to |
 * | `writers`      | writer                   | {@link WriterRecord}: who owns it |
 * | `writersOf`    | owner `/` writer         | empty; lists an owner's writers |
 * | `pointers`     | writer                   | the signed update as received |
 * | `transactions` | owner `/` tid `/` number | {@link TransactionRecord}: blocks of one upload request |
 * | `deletions`    | owner                    | {@link DeletionRecord}: blocks being deleted right now |
 * | `names`        | user name                | claim chain |
 * | `identities`   | identity                 | user name |
 * | `logins`       | user name                | {@link LoginRecord} |
 * | `formerLogins` | user name `/` hash       | when a login record with this hash was replaced |
 * | `bats`         | owner                    | list of BatWithId |
 * | `secondFactors`| user name                | methods and the open challenge, see second-factor-record.ts |
 * | `partitions`   | identity                 | the identity under whose name an account's data lie |
 * | `quotas`       | owner                    | bytes granted |
 * | `tokens`       | SHA-256 of the token, or `arrival/` and a name | what an invitation grants, see sign-up-policy.ts |
 * | `operators`    | user name                | empty |
 * | `signedTimes`  | identity `/` series      | the newest time of a signed change, see signed-times.ts |
 * | `spaceRequests`| user name                | the signed request for more space |
 * | `waiting`      | address                  | when it was left |
 * | `inbox`        | identity                 | list of follow requests as sent |
 * | `linkCounts`   | owner `/` label          | retrievals of a secret link, and when the last was |
 * | `messages`     | user name `/` id         | messages to and from the operator |
 * | `directBlocks` | owner `/` cid            | size and BAT ids of a block uploaded past the node |
 * | `arrivals`     | user name                | what is noted of an account that is just moving here, see arrival-note.ts |
 * | `arrived`      | user name                | of an account that moved here a while ago, see arrival-note.ts |
 * | `mirrors`      | user name                | what is noted of an account that is mirrored, see mirror-note.ts |
 *
 * Several instances work on the same records at once, so every write is a compare-and-set against
 * what was read. Writes that concern what is stored or reachable also replace the owner's record,
 * whose counter they raise: a collection that saw that record unchanged knows nothing moved.
 */
import { Cid, asBytes, asInteger, asList, asMap, asText } from '#lib/codec/index.ts';
import { cborMap, decodeBlock, encodeCbor, field, optional } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { ListedRecord, RecordEntry, RecordStore } from '#lib/stores/index.ts';

/** Records of this node's own making may list any number of blocks. */
const OWN_VALUES = Infinity;

export const TABLE = {
  node: 'node',
  nodeRecords: 'nodeRecords',
  owners: 'owners',
  usage: 'usage',
  reached: 'reached',
  writers: 'writers',
  writersOf: 'writersOf',
  pointers: 'pointers',
  transactions: 'transactions',
  deletions: 'deletions',
  names: 'names',
  identities: 'identities',
  logins: 'logins',
  formerLogins: 'formerLogins',
  bats: 'bats',
  secondFactors: 'secondFactors',
  partitions: 'partitions',
  quotas: 'quotas',
  tokens: 'tokens',
  operators: 'operators',
  signedTimes: 'signedTimes',
  spaceRequests: 'spaceRequests',
  waiting: 'waiting',
  inbox: 'inbox',
  linkCounts: 'linkCounts',
  messages: 'messages',
  directBlocks: 'directBlocks',
  incomingMigrations: 'arrivals',
  arrived: 'arrived',
  mirrors: 'mirrors',
} as const;

const LIST_PAGE = 1000;

/** A record as it was read, to be expected unchanged when something is written. */
export interface Read<T> {
  readonly entry: RecordEntry;
  readonly value: T | undefined;
}

export interface OwnerRecord {
  /** Never less than the bytes stored for this owner; equal after each recount. */
  readonly usedBytes: number;
  /** Raised by every change of blocks, transactions and pointers. */
  readonly changes: number;
  /** `changes` when the last complete collection ended, and when that was. */
  readonly collectedChanges: number | undefined;
  readonly collectedMs: number | undefined;
  /** The node that the owner's account has moved to. */
  readonly movedTo?: Cid | undefined;
  /** What was uploaded in the current and in the previous span of the upload limit. */
  readonly uploads?: Uploads | undefined;
}

export interface UsageRecord {
  /** Differs after each change of what pointers lead to. */
  readonly stamp: number;
  /** Names the rows of `reached` that go with it; absent while nothing is counted. */
  readonly count: string | undefined;
  readonly bytes: number;
}

export interface ReachedRecord {
  /** How many links of reached blocks, and pointers, lead to it. */
  readonly links: number;
  /** Absent if it was not stored when it came to be reached; what it links to does not count. */
  readonly sizeBytes: number | undefined;
}

export interface Uploads {
  readonly startedMs: number;
  readonly bytes: number;
  readonly previousBytes: number;
}

export interface WriterRecord {
  readonly owner: KeyHash;
  /** The writer whose state lists this one; the owner itself has none. */
  readonly parent: KeyHash | undefined;
  /** When the parent ceased to list it; what it may do then, see late-writes.ts. */
  readonly removedMs: number | undefined;
  /** The owner's change counter with that change. */
  readonly removedAtChange?: number | undefined;
  /** Bytes that it and the writers below it have sent since. */
  readonly lateBytes?: number | undefined;
}

export interface TransactionRecord {
  readonly startedMs: number;
  readonly blocks: readonly { readonly cid: Cid; readonly sizeBytes: number }[];
}

export interface DeletionRecord {
  readonly startedMs: number;
  readonly keys: readonly string[];
}

export const NEW_OWNER: OwnerRecord = {
  usedBytes: 0,
  changes: 0,
  collectedChanges: undefined,
  collectedMs: undefined,
};

export function ownerRecordToBytes(record: OwnerRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['u', record.usedBytes],
      ['n', record.changes],
      ['c', record.collectedChanges],
      ['t', record.collectedMs],
      ['m', record.movedTo?.bytes],
      ['w', record.uploads && uploadsToCbor(record.uploads)],
    ]),
  );
}

function uploadsToCbor({ startedMs, bytes, previousBytes }: Uploads): CborValue {
  return [startedMs, bytes, previousBytes];
}

function uploadsFrom(value: CborValue): Uploads {
  const [startedMs, bytes, previousBytes] = asList(value, 'The uploads');
  return {
    startedMs: asInteger(startedMs, 'The time'),
    bytes: asInteger(bytes, 'The uploads'),
    previousBytes: asInteger(previousBytes, 'The uploads'),
  };
}

function ownerRecordFrom(value: CborValue): OwnerRecord {
  const map = asMap(value, 'The owner record');
  const collected = optional(map, 'c');
  const collectedAt = optional(map, 't');
  const movedTo = optional(map, 'm');
  const uploads = optional(map, 'w');
  return {
    usedBytes: asInteger(field(map, 'u', 'The owner record'), 'The space used'),
    changes: asInteger(field(map, 'n', 'The owner record'), 'The change counter'),
    collectedChanges: collected === undefined ? undefined : asInteger(collected, 'The counter'),
    collectedMs: collectedAt === undefined ? undefined : asInteger(collectedAt, 'The time'),
    movedTo: movedTo === undefined ? undefined : Cid.fromBytes(asBytes(movedTo, 'The new home')),
    uploads: uploads === undefined ? undefined : uploadsFrom(uploads),
  };
}

export function usageRecordToBytes({ stamp, count, bytes }: UsageRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['n', stamp],
      ['c', count],
      ['u', bytes],
    ]),
  );
}

function usageRecordFrom(value: CborValue): UsageRecord {
  const map = asMap(value, 'The usage record');
  const count = optional(map, 'c');
  return {
    stamp: asInteger(field(map, 'n', 'The usage record'), 'The stamp'),
    count: count === undefined ? undefined : asText(count, 'The name of a count'),
    bytes: asInteger(field(map, 'u', 'The usage record'), 'The bytes reached'),
  };
}

export function reachedRecordToBytes({ links, sizeBytes }: ReachedRecord): Uint8Array {
  return encodeCbor([links, sizeBytes ?? null]);
}

function reachedRecordFrom(value: CborValue): ReachedRecord {
  const [links, sizeBytes] = asList(value, 'The record of a block');
  return {
    links: asInteger(links, 'The links'),
    sizeBytes: sizeBytes === null ? undefined : asInteger(sizeBytes, 'The size'),
  };
}

export function writerRecordToBytes(record: WriterRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['o', record.owner],
      ['p', record.parent],
      ['d', record.removedMs],
      ['n', record.removedAtChange],
      ['l', record.lateBytes],
    ]),
  );
}

function writerRecordFrom(value: CborValue): WriterRecord {
  const map = asMap(value, 'The writer record');
  const parent = optional(map, 'p');
  const removed = optional(map, 'd');
  const change = optional(map, 'n');
  const late = optional(map, 'l');
  return {
    owner: asKeyHash(field(map, 'o', 'The writer record'), 'The owner'),
    parent: parent === undefined ? undefined : asKeyHash(parent, 'The parent writer'),
    removedMs: removed === undefined ? undefined : asInteger(removed, 'The time'),
    removedAtChange: change === undefined ? undefined : asInteger(change, 'The counter'),
    lateBytes: late === undefined ? undefined : asInteger(late, 'The bytes sent late'),
  };
}

export function transactionRecordToBytes(record: TransactionRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['t', record.startedMs],
      ['c', record.blocks.map(({ cid }) => cid.bytes)],
      ['s', record.blocks.map(({ sizeBytes }) => sizeBytes)],
    ]),
  );
}

export function transactionRecordFromBytes(bytes: Uint8Array): TransactionRecord {
  const map = asMap(decodeBlock(bytes, OWN_VALUES), 'The transaction record');
  const sizes = asList(field(map, 's', 'The transaction record'), 'The sizes');
  return {
    startedMs: asInteger(field(map, 't', 'The transaction record'), 'The time'),
    blocks: asList(field(map, 'c', 'The transaction record'), 'The blocks').map((cid, i) => ({
      cid: Cid.fromBytes(asBytes(cid, 'A block')),
      sizeBytes: asInteger(sizes[i], 'A size'),
    })),
  };
}

export function deletionRecordToBytes(record: DeletionRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['t', record.startedMs],
      ['k', record.keys],
    ]),
  );
}

function deletionRecordFrom(value: CborValue): DeletionRecord {
  const map = asMap(value, 'The deletion record');
  const keys = asList(field(map, 'k', 'The deletion record'), 'The keys');
  return {
    startedMs: asInteger(field(map, 't', 'The deletion record'), 'The time'),
    keys: keys.map((key) => asText(key, 'A key')),
  };
}

export function readOwner(records: RecordStore, owner: KeyHash): Promise<Read<OwnerRecord>> {
  return read(records, TABLE.owners, owner.toString(), (b) => ownerRecordFrom(decodeBlock(b)));
}

export function readUsage(records: RecordStore, owner: KeyHash): Promise<Read<UsageRecord>> {
  return read(records, TABLE.usage, owner.toString(), (b) => usageRecordFrom(decodeBlock(b)));
}

export function readReached(records: RecordStore, key: string): Promise<Read<ReachedRecord>> {
  return read(records, TABLE.reached, key, (b) => reachedRecordFrom(decodeBlock(b)));
}

export function readWriter(records: RecordStore, writer: KeyHash): Promise<Read<WriterRecord>> {
  return read(records, TABLE.writers, writer.toString(), (b) => writerRecordFrom(decodeBlock(b)));
}

export function readDeletion(records: RecordStore, owner: KeyHash): Promise<Read<DeletionRecord>> {
  const key = owner.toString();
  return read(records, TABLE.deletions, key, (b) => deletionRecordFrom(decodeBlock(b, OWN_VALUES)));
}

export async function read<T>(
  records: RecordStore,
  table: string,
  key: string,
  parse: (bytes: Uint8Array) => T,
): Promise<Read<T>> {
  const bytes = await records.get(table, key);
  return {
    entry: { table, key, value: bytes },
    value: bytes === undefined ? undefined : parse(bytes),
  };
}

/** Every record of a table whose key starts with `prefix`. */
export async function listRecords(
  records: RecordStore,
  table: string,
  prefix = '',
): Promise<ListedRecord[]> {
  const all: ListedRecord[] = [];
  for (;;) {
    const page = await records.list(table, prefix, all.at(-1)?.key, LIST_PAGE);
    all.push(...page);
    if (page.length < LIST_PAGE) return all;
  }
}

/** The write that replaces what was read. */
export function replace(entry: RecordEntry, value: Uint8Array | undefined): RecordEntry {
  return { table: entry.table, key: entry.key, value };
}

/** Partition and key of a block in the block store: blocks are kept per owner (B-6 §1). */
export function blockKey(owner: KeyHash, cid: Cid): string {
  return `${owner.toString()}/${cid.toString()}`;
}

export function blockPrefix(owner: KeyHash): string {
  return `${owner.toString()}/`;
}
