/**
 * Everything of an account that is not in blocks, as one home hands it to the next (B-2 §12).
 * What another node sends is hostile: only its form is checked here.
 */
import {
  asBytes,
  asInteger,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  Cid,
  decodeCbor,
  encodeCbor,
  field,
  MalformedCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, BatWithId, toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import { loginDataFromCbor, loginRecordFromBytes } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { batsFromBytes } from './bats.ts';
import { waitingFor } from './inbox.ts';
import { linkCounts } from './links.ts';
import { partitionOf } from './owner-partition.ts';
import type { AccountRecords } from './import-account.ts';
import { listRecords, TABLE } from './records.ts';
import { requireIdentity } from './users.ts';

const LINK_COUNT_PARTS = 3;
/** Two for each writer, three for each link. */
const SNAPSHOT_MAX_VALUES = 1_000_000;

export type UserSnapshot = Omit<AccountRecords, 'chain'> & { readonly identity: KeyHash };

/** UserSnapshot of a user of this node. */
export async function userSnapshot(
  deps: LocalNodeDeps,
  username: string,
  afterSeconds: number,
): Promise<CborValue> {
  const identity = await requireIdentity(deps, username);
  const partition = await partitionOf(deps, identity);
  const login = await deps.records.get(TABLE.logins, username);
  const bats = await deps.records.get(TABLE.bats, partition.toString());
  const requests = (await waitingFor(deps, partition)).value;
  return cborMap([
    ['n', username],
    ['o', identity],
    ['p', await pointersOf(deps, partition)],
    ['f', requests.map((request) => decodeCbor(request))],
    ['b', bats === undefined ? [] : batsFromBytes(bats).map((bat) => bat.toCbor())],
    ['l', login && loginToCbor(username, login)],
    ['lc', cborMap([['d', await linkCounts(deps, partition, afterSeconds)]])],
  ]);
}

/** The same with only what anybody may read: for who asks for a move that is done. */
export async function publicSnapshot(deps: LocalNodeDeps, username: string): Promise<CborValue> {
  const identity = await requireIdentity(deps, username);
  return cborMap([
    ['n', username],
    ['o', identity],
    ['p', await pointersOf(deps, await partitionOf(deps, identity))],
    ['f', []],
    ['b', []],
  ]);
}

/** Throws `MalformedCbor`. */
export function userSnapshotFromBytes(bytes: Uint8Array): UserSnapshot {
  const what = 'A user snapshot';
  const map = asMap(decodeCbor(bytes, SNAPSHOT_MAX_VALUES), what);
  const list = (key: string) => asList(field(map, key, what), what);
  const login = optional(map, 'l');
  const counts = optional(map, 'lc');
  return {
    username: asText(field(map, 'n', what), 'The user name'),
    identity: asKeyHash(field(map, 'o', what), 'The identity'),
    pointers: pointersFrom(list('p')),
    followRequests: list('f').map((request) => encodeCbor(request)),
    bats: list('b').map((bat) => BatWithId.fromCbor(bat)),
    login: login === undefined ? undefined : loginDataFromCbor(login),
    linkCounts: counts === undefined ? [] : linkCountsFrom(counts),
  };
}

/** Writers and their signed pointers in turn. */
async function pointersOf(deps: LocalNodeDeps, partition: KeyHash): Promise<CborValue[]> {
  const prefix = `${partition.toString()}/`;
  const flat: CborValue[] = [];
  for (const { key } of await listRecords(deps.records, TABLE.writersOf, prefix)) {
    const writer = toKeyHash(Cid.parse(key.slice(prefix.length)), 'A writer');
    const signed = await deps.records.get(TABLE.pointers, writer.toString());
    if (signed !== undefined) flat.push(writer, signed);
  }
  return flat;
}

function pointersFrom(flat: readonly CborValue[]): SignedPointer[] {
  if (flat.length % 2 !== 0) throw new MalformedCbor('A writer of a snapshot has no pointer.');
  const pointers: SignedPointer[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const writer = toKeyHash(asLink(flat[i], 'A writer'), 'A writer');
    pointers.push({ writer, signed: asBytes(flat[i + 1], 'A pointer') });
  }
  return pointers;
}

function linkCountsFrom(value: CborValue): (readonly [number, number, number])[] {
  const what = 'The link counts';
  const flat = asList(field(asMap(value, what), 'd', what), what);
  if (flat.length % LINK_COUNT_PARTS !== 0) throw new MalformedCbor(`${what} are incomplete.`);
  const counts: (readonly [number, number, number])[] = [];
  for (let i = 0; i < flat.length; i += LINK_COUNT_PARTS) {
    const [label, count, seconds] = flat.slice(i, i + LINK_COUNT_PARTS);
    counts.push([asInteger(label, what), asInteger(count, what), asInteger(seconds, what)]);
  }
  return counts;
}

function loginToCbor(username: string, bytes: Uint8Array): CborValue {
  const { entryPoints, loginKey } = loginRecordFromBytes(bytes);
  return cborMap([
    ['u', username],
    ['e', entryPoints],
    ['r', loginKey.toCbor()],
  ]);
}
