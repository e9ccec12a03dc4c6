/**
 * An examined account appears, all of it at one instant: one that is new here, or the newer state of
 * a copy that is here, whose home was or is elsewhere.
 */
import { equalBytes, utf8 } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import { claimChainToCbor, loginRecordToBytes, NameTaken } from '#lib/protocol/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import { uncounted } from './accounting.ts';
import { batsToBytes } from './bats.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import type { AccountRecords, ExaminedAccount } from './import-account.ts';
import { linkCountEntries } from './links.ts';
import { listRecords, readOwner, TABLE } from './records.ts';
import { movedOwner } from './usage.ts';

type CreatedRecord = RecordEntry & { readonly value: Uint8Array };

/** How an examined account appears. */
export interface Placing {
  /** The transaction records under which its blocks were stored; they are closed with it. */
  readonly announced?: readonly RecordEntry[];
  /** What has to hold and is written at the same instant. */
  readonly alongside?: RecordChange;
  /** A copy of the account, whose home was or is elsewhere, may be here; it is replaced. */
  readonly overCopy?: boolean;
  /** Where the account has its home; here when absent. */
  readonly home?: Cid | undefined;
}

/**
 * Makes an examined account appear, all of it at one instant.
 * @throws NameTaken when the name or the identity is registered here already
 */
export async function placeAccount(
  deps: LocalNodeDeps,
  { records, identity, registry }: ExaminedAccount,
  { announced = [], alongside = { writes: [] }, overCopy = false, home }: Placing = {},
): Promise<void> {
  const created = createdRecords(records, identity);
  await compareAndSet(deps.records, async () => {
    const ownerRead = await readOwner(deps.records, identity);
    const mayReplace = overCopy && ownerRead.value?.movedTo !== undefined;
    const before: RecordEntry[] = [];
    for (const entry of created) {
      const value = await deps.records.get(entry.table, entry.key);
      const isSame =
        value !== undefined && SHARED.has(entry.table) && equalBytes(value, entry.value);
      const isKept = value === undefined || (mayReplace && (!SHARED.has(entry.table) || isSame));
      if (!isKept) throw new NameTaken('An account with this name or identity is here already.');
      before.push({ ...entry, value });
    }
    const left = mayReplace ? await leftPointers(deps, identity, records.pointers) : [];
    return {
      change: {
        expect: [
          ownerRead.entry,
          ...before,
          ...left,
          ...registry.expectations(),
          ...(alongside.expect ?? []),
        ],
        writes: [
          ...created,
          ...left.map((entry) => ({ ...entry, value: undefined })),
          ...alongside.writes,
          ...registry.writes(),
          movedOwner(ownerRead, home),
          uncounted(deps, identity),
          ...announced.map((entry) => ({ ...entry, value: undefined })),
        ],
      },
      result: undefined,
    };
  });
}

/** What says whose a name or an identity is stays with who has it. */
const SHARED: ReadonlySet<string> = new Set([TABLE.identities, TABLE.partitions]);

/** Pointers of a copy that the account has no more. */
async function leftPointers(
  deps: LocalNodeDeps,
  identity: KeyHash,
  pointers: readonly SignedPointer[],
): Promise<RecordEntry[]> {
  const kept = new Set(pointers.map(({ writer }) => writer.toString()));
  const prefix = `${identity.toString()}/`;
  const left: RecordEntry[] = [];
  for (const { key } of await listRecords(deps.records, TABLE.writersOf, prefix)) {
    const writer = key.slice(prefix.length);
    if (kept.has(writer)) continue;
    const value = await deps.records.get(TABLE.pointers, writer);
    if (value !== undefined) left.push({ table: TABLE.pointers, key: writer, value });
  }
  return left;
}

function createdRecords(account: AccountRecords, identity: KeyHash): CreatedRecord[] {
  const { username, chain, login, pointers, bats } = account;
  const created: CreatedRecord[] = [
    { table: TABLE.names, key: username, value: encodeCbor(claimChainToCbor(chain)) },
  ];
  const owners = new Set(chain.map((link) => link.owner.toString()));
  for (const key of owners) {
    created.push({ table: TABLE.identities, key, value: utf8(username) });
    if (key === identity.toString()) continue;
    created.push({ table: TABLE.partitions, key, value: encodeCbor(identity) });
  }
  const signedBy = new Map(pointers.map(({ writer, signed }) => [writer.toString(), signed]));
  for (const [key, value] of signedBy) created.push({ table: TABLE.pointers, key, value });
  if (login !== undefined) {
    created.push({ table: TABLE.logins, key: username, value: loginRecordToBytes(login) });
  }
  if (bats.length > 0) {
    created.push({ table: TABLE.bats, key: identity.toString(), value: batsToBytes(bats) });
  }
  if (account.followRequests.length > 0) {
    const value = encodeCbor(account.followRequests);
    created.push({ table: TABLE.inbox, key: identity.toString(), value });
  }
  created.push(...linkCountEntries(identity, account.linkCounts.flat()));
  return created;
}
