/**
 * What the operator of a node does through it, and what it tells anybody about itself (B-5 §3,
 * B-1 §2.8).
 *
 * Tighter than the reference: only a request that is waiting, byte for byte, can be approved, so an
 * old approval cannot be sent again.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { asBytes, asMap, asText, cborMap } from '#lib/codec/index.ts';
import { decodeCbor, encodeCbor, field } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeAdmin } from '#lib/node/index.ts';
import {
  MalformedRequest,
  openSignedBy,
  openSignedTime,
  parseRequest,
} from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { openSpaceRequest } from './space.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { useSignedTime } from './signed-times.ts';
import { listRecords, read, replace, TABLE } from './records.ts';
import { isOperator, requireIdentity, requireOperator } from './users.ts';

const OPERATOR_WINDOW_MS = 60_000;
const EMAIL = /^[A-Z0-9._%+-]+@[A-Z0-9.-]+\.[A-Z]{2,6}$/iu;
const EMAIL_MAX_UNITS = 256;
const MAX_WAITING = 10_000;

export function createLocalAdmin(deps: LocalNodeDeps): NodeAdmin {
  return {
    version: async () => deps.version ?? { version: '0.0.0', revision: '' },
    openSignUps: async () => ({ free: await isOpen(deps), paid: false }),
    joinWaitingList: (email) => joinWaitingList(deps, email),
    pending: (admin, auth) => waitingSpaceRequests(deps, admin, auth),
    approve: (admin, signed) => approve(deps, admin, signed),
  };
}

async function isOpen({ signUps, records }: LocalNodeDeps): Promise<boolean> {
  if (signUps === undefined) return true;
  if (signUps.admits !== 'anyone') return false;
  if (signUps.maxUsers === undefined) return true;
  return (await listRecords(records, TABLE.names)).length < signUps.maxUsers;
}

async function joinWaitingList(deps: LocalNodeDeps, email: string): Promise<boolean> {
  if (deps.hasWaitingList !== true) return false;
  if (email.length > EMAIL_MAX_UNITS || !EMAIL.test(email)) return false;
  const entry = { table: TABLE.waiting, key: email.toLowerCase() };
  if ((await deps.records.get(entry.table, entry.key)) !== undefined) return true;
  if ((await listRecords(deps.records, TABLE.waiting)).length >= MAX_WAITING) return false;
  await deps.records.apply({ writes: [{ ...entry, value: encodeCbor(deps.clock()) }] });
  return true;
}

async function waitingSpaceRequests(
  deps: LocalNodeDeps,
  admin: KeyHash,
  auth: Uint8Array,
): Promise<CborValue> {
  if (!(await isOperator(deps, admin))) return [];
  const timeMs = await openSignedTime(await publicKeyOf(deps, admin), auth);
  const windowMs = OPERATOR_WINDOW_MS;
  await useSignedTime(deps, admin, { series: 'pending', timeMs, what: 'pending', windowMs });
  const listed = await listRecords(deps.records, TABLE.spaceRequests);
  return listed.map(({ key, value }) => labelled(key, value));
}

/** `false`: this request is not waiting (any more). */
async function approve(deps: LocalNodeDeps, admin: KeyHash, signed: Uint8Array): Promise<boolean> {
  await requireOperator(deps, admin);
  const message = await openSignedBy(await publicKeyOf(deps, admin), signed, 'An approval');
  const { username, request } = parseRequest('The approval', () => {
    const map = asMap(decodeCbor(message), 'An approval');
    return {
      username: asText(field(map, 'u', 'An approval'), 'The user name'),
      request: asBytes(field(map, 'r', 'An approval'), 'The space request'),
    };
  });
  const identity = await requireIdentity(deps, username);
  const asked = await openSpaceRequest(await publicKeyOf(deps, identity), request);
  if (asked.username !== username) {
    throw new MalformedRequest('An approval names another user than the request.');
  }
  return compareAndSet(deps.records, async () => {
    const waiting = await read(deps.records, TABLE.spaceRequests, username, (bytes) => bytes);
    if (waiting.value === undefined || !equalBytes(waiting.value, request)) {
      return { result: false };
    }
    const owner = await partitionOf(deps, identity);
    const quota = { table: TABLE.quotas, key: owner.toString() };
    const writes = [
      replace(waiting.entry, undefined),
      { ...quota, value: encodeCbor(asked.quotaBytes) },
    ];
    return { change: { expect: [waiting.entry], writes }, result: true };
  });
}

/** LabelledSpaceRequest. */
function labelled(username: string, request: Uint8Array): CborValue {
  return cborMap([
    ['u', username],
    ['r', request],
  ]);
}
