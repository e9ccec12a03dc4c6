/**
 * What an owner uses and may use, and requests for more (B-5 §1, §2). This node takes no payments:
 * it answers as an unpaid server does.
 */
import { asInteger, asMap, asText, cborMap, decodeCbor, field } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeSpace } from '#lib/node/index.ts';
import {
  checkSignedTime,
  MalformedRequest,
  openSignedBy,
  parseRequest,
  REQUEST_WINDOW_MS,
} from '#lib/protocol/index.ts';
import type { Signatory } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { countedUsage } from './counted-usage.ts';
import { listTransactions } from './deletion.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { quotaOf } from './quota.ts';
import { useSignedTime } from './signed-times.ts';
import { readOwner, TABLE } from './records.ts';
import { requireCurrentUser } from './users.ts';

const REQUEST_MAX_BYTES = 65_536;

export function createLocalSpace(deps: LocalNodeDeps): NodeSpace {
  const check = async (owner: KeyHash, auth: Uint8Array): Promise<void> => {
    await requireCurrentUser(deps, owner);
    await checkSignedTime(await publicKeyOf(deps, owner), auth, deps.clock(), REQUEST_WINDOW_MS);
  };
  return {
    usageBytes: async (owner, auth, isExpected = false) => {
      await check(owner, auth);
      const { usedBytes, pendingBytes } = await spaceUsed(deps, owner);
      return isExpected ? usedBytes + pendingBytes : usedBytes;
    },
    quotaBytes: async (owner, auth) => {
      await check(owner, auth);
      return quotaOf(deps, owner);
    },
    payment: async (owner, auth) => {
      await check(owner, auth);
      return paymentProperties(deps, owner);
    },
    request: (owner, signed) => requestSpace(deps, owner, signed),
  };
}

/** What an account's present state takes, and what is stored for it beside that. */
export interface SpaceUsed {
  readonly usedBytes: number;
  /** Of open transactions: part of no state yet. */
  readonly pendingBytes: number;
  /** Part of no state any more: the next collection removes it. */
  readonly collectableBytes: number;
}

export async function spaceUsed(deps: LocalNodeDeps, identity: KeyHash): Promise<SpaceUsed> {
  const owner = await partitionOf(deps, identity);
  const { bytes: usedBytes, reached } = await countedUsage(deps, owner);
  const open = await listTransactions(deps, owner);
  const blocks = open.flatMap(({ record }) => record.blocks);
  const distinct = new Map(blocks.map((block) => [block.cid.toString(), block]));
  let pendingBytes = 0;
  for (const { cid, sizeBytes } of distinct.values()) {
    if (!(await reached(cid))) pendingBytes += sizeBytes;
  }
  const storedBytes = (await readOwner(deps.records, owner)).value?.usedBytes ?? 0;
  const collectableBytes = Math.max(0, storedBytes - usedBytes - pendingBytes);
  return { usedBytes, pendingBytes, collectableBytes };
}

/** PaymentProperties of an unpaid server. */
async function paymentProperties(deps: LocalNodeDeps, owner: KeyHash): Promise<CborValue> {
  return cborMap([
    ['annual', false],
    ['freeQuota', await quotaOf(deps, owner)],
    ['nextCharge', 0],
    ['desiredQuota', 0],
  ]);
}

/** While one request waits for the operator later ones change nothing. */
async function requestSpace(
  deps: LocalNodeDeps,
  owner: KeyHash,
  signed: Uint8Array,
): Promise<CborValue> {
  const username = await requireCurrentUser(deps, owner);
  const request = await openSpaceRequest(await publicKeyOf(deps, owner), signed);
  if (request.username !== username) {
    throw new MalformedRequest('A space request is of another user.');
  }
  const { timeMs } = request;
  await useSignedTime(deps, owner, { series: 'changes', timeMs, what: 'space request' });
  const entry = { table: TABLE.spaceRequests, key: username };
  await deps.records.apply({
    expect: [{ ...entry, value: undefined }],
    writes: [{ ...entry, value: signed }],
  });
  return paymentProperties(deps, owner);
}

/** SpaceRequest (B-5 §2), opened with the key of who asks. */
export async function openSpaceRequest(signer: Signatory, signed: Uint8Array) {
  if (signed.length > REQUEST_MAX_BYTES) throw new MalformedRequest('A space request is too long.');
  const message = await openSignedBy(signer, signed, 'A space request');
  return parseRequest('The space request', () => {
    const what = 'A space request';
    const map = asMap(decodeCbor(message), what);
    const quotaBytes = asInteger(field(map, 's', what), 'The space asked for');
    if (quotaBytes < 0) throw new MalformedRequest('A space request asks for less than nothing.');
    return {
      username: asText(field(map, 'u', what), 'The user name'),
      quotaBytes,
      timeMs: asInteger(field(map, 't', what), 'The time'),
    };
  });
}
