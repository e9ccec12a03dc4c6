/**
 * What is noted of a move to this node before the old home is asked to switch, so that whatever dies
 * then, this node can go on by itself.
 */
import { asBytes, asInteger, asList, asMap, asText, cborMap, Cid } from '#lib/codec/index.ts';
import { decodeBlock, encodeCbor, field, optional } from '#lib/codec/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import { BatWithId, sha256Now } from '#lib/crypto/index.ts';
import type { MigrationExtras, MigrationRequest } from '#lib/node/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { claimChainFromCbor } from '#lib/protocol/index.ts';
import { isCopyHere } from './account-copy.ts';
import type { LocalNodeDeps } from './context.ts';
import { listRecords, TABLE } from './records.ts';

/** A snapshot lists any number of pointers. */
const OWN_VALUES = Infinity;

export interface ArrivalNote {
  readonly request: MigrationRequest;
  readonly extras: MigrationExtras;
  /** `cbor(UserSnapshot)` of the old home, from before the switch. */
  readonly snapshot: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notedMs: number;
}

/** Where the note of an account is. */
export function noteOf(username: string): { readonly table: string; readonly key: string } {
  return { table: TABLE.incomingMigrations, key: username };
}

export function arrivalNoteToBytes({
  request,
  extras,
  snapshot,
  notedMs,
}: ArrivalNote): Uint8Array {
  return encodeCbor(
    cborMap([
      ['n', request.username],
      ['c', request.chain],
      ['f', request.currentNode.bytes],
      ['b', request.mirrorBat?.toCbor()],
      ['l', request.linkCountsAfterSeconds],
      ['u', request.usageBytes],
      ['t', extras.token],
      ['a', [...extras.addresses]],
      ['s', snapshot],
      ['d', notedMs],
    ]),
  );
}

export function arrivalNoteFrom(bytes: Uint8Array): ArrivalNote {
  const what = 'The note of a move';
  const map = asMap(decodeBlock(bytes, OWN_VALUES), what);
  const bat = optional(map, 'b');
  return {
    request: {
      username: asText(field(map, 'n', what), what),
      chain: field(map, 'c', what),
      currentNode: Cid.fromBytes(asBytes(field(map, 'f', what), what)),
      mirrorBat: bat === undefined ? undefined : BatWithId.fromCbor(bat),
      linkCountsAfterSeconds: asInteger(field(map, 'l', what), what),
      usageBytes: asInteger(field(map, 'u', what), what),
      isCommit: true,
    },
    extras: {
      token: asText(field(map, 't', what), what),
      addresses: asList(field(map, 'a', what), what).map((it) => asText(it, what)),
    },
    snapshot: asBytes(field(map, 's', what), what),
    notedMs: asInteger(field(map, 'd', what), what),
  };
}

/** As long as what was fetched for a move is kept. */
export const ARRIVAL_KEPT_MS = 24 * 60 * 60 * 1000;

/** What is written when an account appears: a repeated request for the same move is told that it is done. */
export function arrivedEntry({ username, chain }: MigrationRequest, nowMs: number): RecordEntry {
  const value = encodeCbor([sha256Now(encodeCbor(chain)), nowMs]);
  return { table: TABLE.arrived, key: username, value };
}

/** Whether this very move has come to its end here, and the account has not left since. */
export async function hasArrived(
  { records }: Pick<LocalNodeDeps, 'records'>,
  { username, chain }: MigrationRequest,
): Promise<boolean> {
  const value = await records.get(TABLE.arrived, username);
  const [hash] = value === undefined ? [] : asList(decodeBlock(value), 'The note of an arrival');
  if (hash === undefined) return false;
  const isSame = equalBytes(asBytes(hash, 'The hash of a move'), sha256Now(encodeCbor(chain)));
  const owner = isSame ? claimChainFromCbor(chain).at(-1)?.owner : undefined;
  return owner !== undefined && !(await isCopyHere({ records }, username, owner));
}

/** Forgets accounts that arrived long ago. */
export async function forgetArrived(records: RecordStore, nowMs: number): Promise<void> {
  for (const { key, value } of await listRecords(records, TABLE.arrived)) {
    const [, atMs] = asList(decodeBlock(value), 'The note of an arrival');
    if (nowMs - asInteger(atMs, 'The time') < ARRIVAL_KEPT_MS) continue;
    const entry = { table: TABLE.arrived, key };
    await records.apply({
      expect: [{ ...entry, value }],
      writes: [{ ...entry, value: undefined }],
    });
  }
}
