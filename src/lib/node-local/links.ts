/**
 * Secret links and published files of the local node's users, for visitors without an account
 * (C-4, A-6 §8, B-6 §5).
 *
 * Tighter than the reference: retrievals are checked and counted in one step, and expiry is UTC.
 */
import { loadWithin, secretLinkChampKey, walkToKey } from '#lib/champ/index.ts';
import {
  asInteger,
  asLink,
  asList,
  Cid,
  decodeBlock,
  decodeCbor,
  encodeCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeLinks } from '#lib/node/index.ts';
import {
  LINK_LABEL_MAX,
  LINK_LABEL_MIN,
  LinkRefused,
  MalformedRequest,
  secretLinkTargetFromCbor,
} from '#lib/protocol/index.ts';
import type { SecretLinkTarget } from '#lib/protocol/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { compareAndSet, loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { publishedCapability } from './public-files.ts';
import { PUBLIC_READS, readState } from './public-state.ts';
import { listRecords, read, replace, TABLE } from './records.ts';
import { requireUser } from './users.ts';

const DEFAULT_HOST = 'localhost';

export function createLocalLinks(deps: LocalNodeDeps): NodeLinks {
  return {
    get: (owner, label) => retrieve(deps, owner, label),
    host: async () => deps.linkHost ?? DEFAULT_HOST,
    published: (username, path) => publishedCapability(deps, username, path),
  };
}

async function retrieve(deps: LocalNodeDeps, identity: KeyHash, label: bigint): Promise<CborValue> {
  await requireUser(deps, identity);
  const owner = await partitionOf(deps, identity);
  if (label < LINK_LABEL_MIN || label > LINK_LABEL_MAX) {
    throw new MalformedRequest('A link has a bad label.');
  }
  const { capability, expirySeconds, maxRetrievals } = await targetOf(deps, identity, owner, label);
  const nowSeconds = Math.floor(deps.clock() / 1000);
  if (expirySeconds !== undefined && nowSeconds > expirySeconds) throw new LinkRefused('expired');
  await count(deps, countEntry(owner, label), maxRetrievals);
  return capability;
}

async function targetOf(
  deps: LocalNodeDeps,
  identity: KeyHash,
  owner: KeyHash,
  label: bigint,
): Promise<SecretLinkTarget> {
  const root = optional(await readState(deps, identity), 'links');
  if (root === undefined) throw new LinkRefused('none-published');
  const load = loadWithin((cid) => loadVerified(deps, owner, cid), PUBLIC_READS);
  const key = secretLinkChampKey(Number(label));
  const cid = await walkToKey(asLink(root, 'The secret links'), key, load, () => undefined);
  const block = cid instanceof Cid ? await load(cid) : undefined;
  if (block === undefined) throw new LinkRefused('unknown');
  return secretLinkTargetFromCbor(decodeCbor(block));
}

interface LinkCount {
  readonly count: number;
  readonly lastSeconds: number;
}

/** One retrieval more, unless there were as many as there may be. */
async function count(
  deps: LocalNodeDeps,
  at: { readonly table: string; readonly key: string },
  most: number | undefined,
): Promise<void> {
  await compareAndSet(deps.records, async () => {
    const { entry, value } = await read(deps.records, at.table, at.key, countFrom);
    const before = value?.count ?? 0;
    if (most !== undefined && before >= most) throw new LinkRefused('used-up');
    const next = { count: before + 1, lastSeconds: Math.floor(deps.clock() / 1000) };
    return {
      change: { expect: [entry], writes: [replace(entry, countToBytes(next))] },
      result: undefined,
    };
  });
}

function countEntry(owner: KeyHash, label: bigint) {
  return { table: TABLE.linkCounts, key: `${owner.toString()}/${label.toString()}` };
}

function countToBytes({ count, lastSeconds }: LinkCount): Uint8Array {
  return encodeCbor([count, lastSeconds]);
}

function countFrom(bytes: Uint8Array): LinkCount {
  const [count, lastSeconds] = asList(decodeBlock(bytes), 'A count');
  return {
    count: asInteger(count, 'A count'),
    lastSeconds: asInteger(lastSeconds, 'A time'),
  };
}

/** LinkCounts (C-4 §4.5): label, count and time of each link opened since. */
export async function linkCounts(
  deps: LocalNodeDeps,
  owner: KeyHash,
  afterSeconds: number,
): Promise<readonly CborValue[]> {
  const prefix = `${owner.toString()}/`;
  const listed = await listRecords(deps.records, TABLE.linkCounts, prefix);
  return listed.flatMap(({ key, value }) => {
    const { count, lastSeconds } = countFrom(value);
    if (lastSeconds <= afterSeconds) return [];
    return [BigInt(key.slice(prefix.length)), count, lastSeconds];
  });
}

/** Takes over the counts of the node that an account comes from. */
export function linkCountEntries(
  owner: KeyHash,
  flat: readonly CborValue[],
): (RecordEntry & { readonly value: Uint8Array })[] {
  const entries: (RecordEntry & { readonly value: Uint8Array })[] = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const value = countToBytes({
      count: asInteger(flat[i + 1], 'A count'),
      lastSeconds: asInteger(flat[i + 2], 'A time'),
    });
    entries.push({ ...countEntry(owner, BigInt(asInteger(flat[i], 'A label'))), value });
  }
  return entries;
}
