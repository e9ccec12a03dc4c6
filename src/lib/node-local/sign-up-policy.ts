/**
 * Who may sign up here: the policy, invitations and the work that is asked for (B-2 §5, §6.3, §6.4).
 *
 * An invitation is used up in the very record transaction that makes the account, so it admits one.
 * Only its hash is stored: a reader of the records cannot use it. Tokens in requests are hostile.
 */
import { toHex, utf8 } from '#lib/bytes/index.ts';
import { asBoolean, asInteger, asMap, cborMap, decodeBlock } from '#lib/codec/index.ts';
import { encodeCbor, field, optional } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { isWorkDone, sha256Now } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { ProofOfWork } from '#lib/node/index.ts';
import { SignUpClosed, WorkRequired } from '#lib/protocol/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import type { LocalNodeDeps, SignUpPolicy } from './context.ts';
import { listRecords, read, TABLE } from './records.ts';

const TOKEN_BYTES = 32;
/** Before the name of an account that may move here; no hash of a token begins so. */
const MIGRATION_PREFIX = 'arrival/';

/** What an invitation grants beside the account. */
export interface Invitation {
  /** Replaces the policy's quota. */
  readonly quotaBytes?: number | undefined;
  /** Makes the account an operator's. Such a token works however closed the node is. */
  readonly makesOperator?: boolean | undefined;
}

export interface ListedInvitation extends Invitation {
  /** The token's hash: the token itself is shown only once. Or `arrival/` and a name. */
  readonly id: string;
  readonly createdMs: number;
}

/** Makes an invitation; answers its token, 64 hex characters. */
export async function createInvitation(
  deps: LocalNodeDeps,
  { quotaBytes, makesOperator }: Invitation = {},
): Promise<string> {
  const token = toHex(deps.random(TOKEN_BYTES));
  const value = encodeCbor(
    cborMap([
      ['t', deps.clock()],
      ['q', quotaBytes],
      ['o', makesOperator],
    ]),
  );
  await deps.records.apply({ writes: [{ table: TABLE.tokens, key: idOf(token), value }] });
  return token;
}

/** Unused invitations. */
export async function listInvitations(deps: LocalNodeDeps): Promise<ListedInvitation[]> {
  const listed = await listRecords(deps.records, TABLE.tokens);
  return listed.map(({ key, value }) => ({ id: key, ...invitationFrom(value) }));
}

/** Withdraws an unused invitation by its id. */
export async function removeInvitation(deps: LocalNodeDeps, id: string): Promise<void> {
  await deps.records.apply({ writes: [{ table: TABLE.tokens, key: id, value: undefined }] });
}

/**
 * What the account's transaction has to expect and write to be admitted. Throws
 * {@link SignUpClosed}.
 */
export async function admit(
  deps: LocalNodeDeps,
  username: string,
  identity: KeyHash,
  token: string,
): Promise<RecordChange> {
  const policy = policyOf(deps);
  const found = token === '' ? undefined : await readInvitation(deps, idOf(token));
  const mayUseToken = policy.admits !== 'nobody' || found?.value?.makesOperator === true;
  if (found?.value !== undefined && mayUseToken) {
    return usedUp(found.entry, grants(username, identity, found.value, policy));
  }
  const isReserved = policy.reserved?.includes(username) === true;
  if (policy.admits !== 'anyone' || isReserved) {
    if (token !== '') throw new SignUpClosed('token');
    throw new SignUpClosed(policy.admits === 'nobody' ? 'closed' : 'invitation');
  }
  const room = await requireRoom(deps, policy, token);
  return {
    expect: room,
    writes: [...room.map(countedUp), ...grants(username, identity, {}, policy)],
  };
}

/** Whether a token is an unused invitation that makes an operator. */
export async function isOperatorsToken(deps: LocalNodeDeps, token: string): Promise<boolean> {
  if (token === '') return false;
  return (await readInvitation(deps, idOf(token))).value?.makesOperator === true;
}

/**
 * Lets the account with this name, and no other, move here from another node (B-2 §12), however closed
 * this one is: the protocol has no token for that.
 */
export async function allowMigration(
  deps: LocalNodeDeps,
  username: string,
  { quotaBytes }: Pick<Invitation, 'quotaBytes'> = {},
): Promise<void> {
  const value = encodeCbor(
    cborMap([
      ['t', deps.clock()],
      ['q', quotaBytes],
    ]),
  );
  const key = MIGRATION_PREFIX + username;
  await deps.records.apply({ writes: [{ table: TABLE.tokens, key, value }] });
}

/** As {@link admit}, for an account that moves here. */
export async function admitMigration(
  deps: LocalNodeDeps,
  username: string,
  identity: KeyHash,
  token = '',
): Promise<RecordChange> {
  const found = await readInvitation(deps, MIGRATION_PREFIX + username);
  if (found.value === undefined) return admit(deps, username, identity, token);
  return usedUp(found.entry, grants(username, identity, found.value, policyOf(deps)));
}

/** The quota that {@link admitMigration} will grant, where the operator named one. */
export async function migrationQuota(
  deps: LocalNodeDeps,
  username: string,
  token = '',
): Promise<number | undefined> {
  const allowed = (await readInvitation(deps, MIGRATION_PREFIX + username)).value;
  if (allowed !== undefined || token === '') return allowed?.quotaBytes;
  return (await readInvitation(deps, idOf(token))).value?.quotaBytes;
}

/** Throws {@link WorkRequired} unless the proof is worth what a new name costs now (B-2 §5). */
export async function requireWork(
  deps: LocalNodeDeps,
  chain: CborValue,
  { prefix }: ProofOfWork,
): Promise<void> {
  // A registry asks for what it wants when the name is registered there.
  if (deps.registry !== undefined) return;
  const difficultyBits = (await deps.signUps?.difficultyBits?.()) ?? 0;
  if (difficultyBits <= 0) return;
  if (!isWorkDone(prefix, encodeCbor(chain), difficultyBits)) {
    throw new WorkRequired(difficultyBits);
  }
}

/** With a limit, sign-ups without invitation follow one another: each counts the names anew. */
async function requireRoom(
  deps: LocalNodeDeps,
  policy: SignUpPolicy,
  token: string,
): Promise<RecordEntry[]> {
  if (policy.maxUsers === undefined) return [];
  const entry = { table: TABLE.node, key: 'signUps' };
  const value = await deps.records.get(entry.table, entry.key);
  const names = await listRecords(deps.records, TABLE.names);
  if (names.length >= policy.maxUsers) throw new SignUpClosed(token === '' ? 'closed' : 'token');
  return [{ ...entry, value }];
}

function policyOf({ signUps }: LocalNodeDeps): SignUpPolicy {
  return signUps ?? { admits: 'anyone' };
}

function readInvitation({ records }: LocalNodeDeps, key: string) {
  return read(records, TABLE.tokens, key, (bytes) => invitationFrom(bytes));
}

function usedUp(entry: RecordEntry, granted: readonly RecordEntry[]): RecordChange {
  return { expect: [entry], writes: [{ ...entry, value: undefined }, ...granted] };
}

function countedUp(entry: RecordEntry): RecordEntry {
  const count = entry.value === undefined ? 0 : asInteger(decodeBlock(entry.value), 'The count');
  return { ...entry, value: encodeCbor(count + 1) };
}

function grants(
  username: string,
  identity: KeyHash,
  invitation: Invitation,
  policy: SignUpPolicy,
): RecordEntry[] {
  const writes: RecordEntry[] = [];
  const quotaBytes = invitation.quotaBytes ?? policy.quotaBytes;
  if (quotaBytes !== undefined) {
    const value = encodeCbor(quotaBytes);
    writes.push({ table: TABLE.quotas, key: identity.toString(), value });
  }
  if (invitation.makesOperator === true) {
    writes.push({ table: TABLE.operators, key: username, value: new Uint8Array() });
  }
  return writes;
}

function idOf(token: string): string {
  return toHex(sha256Now(utf8(token)));
}

function invitationFrom(bytes: Uint8Array): Omit<ListedInvitation, 'id'> {
  const map = asMap(decodeBlock(bytes), 'The invitation');
  const quota = optional(map, 'q');
  const operator = optional(map, 'o');
  return {
    createdMs: asInteger(field(map, 't', 'The invitation'), 'The time'),
    quotaBytes: quota === undefined ? undefined : asInteger(quota, 'The quota'),
    makesOperator: operator === undefined ? undefined : asBoolean(operator, 'The role'),
  };
}
