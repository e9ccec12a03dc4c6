/**
 * Login records that were replaced. What is signed when one is set names neither a time nor a number
 * (B-3 §2), so somebody who recorded such a request could put an old password back. Each record is sealed
 * with a nonce of its own: the same bytes again are a replay, and the node knows them by their hash.
 */
import { toHex } from '#lib/bytes/index.ts';
import { asInteger, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import { loginRecordToBytes, MalformedRequest } from '#lib/protocol/index.ts';
import type { LoginData } from '#lib/protocol/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { listRecords, TABLE } from './records.ts';

/** More password changes than a user makes; after that the oldest are dropped. */
const MOST_REMEMBERED = 1000;

/** What sets an account's login record. Throws {@link MalformedRequest} for one of before. */
export async function replacedLogin(deps: LocalNodeDeps, data: LoginData): Promise<RecordChange> {
  const entry = { table: TABLE.logins, key: data.username };
  const stored = await deps.records.get(entry.table, entry.key);
  const value = loginRecordToBytes(data);
  const known = formerKey(data.username, value);
  const expected: RecordEntry = { ...entry, value: stored };
  if (stored !== undefined && toHex(stored) === toHex(value)) {
    return { expect: [expected], writes: [expected] };
  }
  const former = { table: TABLE.formerLogins, key: known, value: undefined };
  if ((await deps.records.get(former.table, former.key)) !== undefined) {
    throw new MalformedRequest('These login data were replaced by others before.');
  }
  const remembered = stored === undefined ? [] : await remember(deps, data.username, stored);
  return { expect: [expected, former], writes: [{ ...entry, value }, ...remembered] };
}

async function remember(
  deps: LocalNodeDeps,
  username: string,
  stored: Uint8Array,
): Promise<RecordEntry[]> {
  const table = TABLE.formerLogins;
  const added = { table, key: formerKey(username, stored), value: encodeCbor(deps.clock()) };
  const listed = await listRecords(deps.records, table, `${username}/`);
  if (listed.length < MOST_REMEMBERED) return [added];
  const byAge = listed
    .map(({ key, value }) => ({ key, sinceMs: asInteger(decodeBlock(value), 'The time') }))
    .sort((a, b) => a.sinceMs - b.sinceMs);
  const forgotten = byAge.slice(0, listed.length - MOST_REMEMBERED + 1);
  return [added, ...forgotten.map(({ key }) => ({ table, key, value: undefined }))];
}

function formerKey(username: string, record: Uint8Array): string {
  return `${username}/${toHex(sha256Now(record))}`;
}
