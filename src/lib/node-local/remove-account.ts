/**
 * Removing what an account left behind when it moved to another node (B-2 §12). Its records vanish
 * at one instant, its name is free again, and its blocks follow. An account that is at home here is
 * never touched.
 */
import type { Cid } from '#lib/codec/index.ts';
import { UnknownUser, WrongHost } from '#lib/protocol/index.ts';
import { collect } from './garbage-collect.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { signedTimesOf } from './signed-times.ts';
import { changedOwner } from './usage.ts';
import { listRecords, readOwner, TABLE } from './records.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { readChain } from './users.ts';

/** Answers where the account has its home now. Throws {@link UnknownUser}, {@link WrongHost}. */
export async function removeMovedAccount(
  deps: LocalNodeDeps,
  username: string,
  signal?: AbortSignal,
): Promise<Cid> {
  const { owner, home } = await compareAndSet(deps.records, async () => {
    const chain = await readChain(deps, username);
    const identity = chain.value?.at(-1)?.owner;
    if (identity === undefined) throw new UnknownUser('There is no such user here.');
    const partition = await partitionOf(deps, identity);
    const ownerRead = await readOwner(deps.records, partition);
    const movedTo = ownerRead.value?.movedTo;
    if (movedTo === undefined) throw new WrongHost('This account has its home here.');
    const identities = (chain.value ?? []).map((link) => link.owner.toString());
    const records = [
      { table: TABLE.names, key: username },
      { table: TABLE.logins, key: username },
      { table: TABLE.secondFactors, key: username },
      // The next user who registers the name is another one.
      { table: TABLE.operators, key: username },
      { table: TABLE.spaceRequests, key: username },
      ...(await keysOf(deps, TABLE.messages, `${username}/`)),
      ...(await keysOf(deps, TABLE.formerLogins, `${username}/`)),
      ...(await Promise.all(identities.map((key) => signedTimesOf(deps, key)))).flat(),
      ...identities.map((key) => ({ table: TABLE.identities, key })),
      ...identities.map((key) => ({ table: TABLE.partitions, key })),
      ...(await recordsOf(deps, partition.toString())),
    ];
    const removed = records.map((place) => ({ ...place, value: undefined }));
    const change = {
      expect: [chain.entry, ownerRead.entry],
      writes: [...removed, changedOwner(ownerRead)],
    };
    return { change, result: { owner: partition, home: movedTo } };
  });
  await collect(deps, owner, signal);
  await deps.records.apply({
    writes: [{ table: TABLE.owners, key: owner.toString(), value: undefined }],
  });
  return home;
}

/** Everything kept under an owner beside his blocks. */
async function recordsOf(
  deps: LocalNodeDeps,
  owner: string,
): Promise<readonly Omit<RecordEntry, 'value'>[]> {
  const places: { table: string; key: string }[] = [
    TABLE.bats,
    TABLE.inbox,
    TABLE.quotas,
    TABLE.usage,
  ].map((table) => ({ table, key: owner }));
  const prefix = `${owner}/`;
  for (const table of [TABLE.linkCounts, TABLE.transactions, TABLE.directBlocks, TABLE.reached]) {
    places.push(...(await keysOf(deps, table, prefix)));
  }
  for (const { key } of await listRecords(deps.records, TABLE.writersOf, prefix)) {
    const writer = key.slice(prefix.length);
    places.push({ table: TABLE.writersOf, key });
    places.push({ table: TABLE.writers, key: writer }, { table: TABLE.pointers, key: writer });
  }
  return places;
}

async function keysOf(
  deps: LocalNodeDeps,
  table: string,
  prefix: string,
): Promise<{ table: string; key: string }[]> {
  return (await listRecords(deps.records, table, prefix)).map(({ key }) => ({ table, key }));
}
