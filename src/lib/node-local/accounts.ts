/**
 * Login records of the local node (B-3 §3, §6).
 *
 * A password change arrives with the identity's new state, which names the new scrypt parameters.
 * The block is stored first; then pointer and login record change in one record transaction. So
 * parameters and record always belong together, and exactly one password works at any moment. A
 * record that was replaced does not come back: see former-logins.ts.
 */
import { decodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash, PublicSigningKey } from '#lib/crypto/index.ts';
import type { NodeAccounts, SecondFactorAnswer } from '#lib/node/index.ts';
import {
  checkDetached,
  checkSignedTime,
  HomeServerAway,
  LOGIN_DATA_MAX_BYTES,
  LOGIN_WINDOW_MS,
  loginDataFromCbor,
  loginRecordFromBytes,
  loginResponseToCbor,
  MalformedRequest,
  parseRequest,
  WrongPassword,
} from '#lib/protocol/index.ts';
import type { LoginData } from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { createLocalBlocks } from './blocks.ts';
import { setPointers } from './pointers.ts';
import { replacedLogin } from './former-logins.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { challengeSecondFactor } from './second-factor-login.ts';
import { signUp } from './sign-up.ts';
import { requireHome } from './usage.ts';
import { readOwner, TABLE } from './records.ts';
import { requireIdentity } from './users.ts';

export function createLocalAccounts(deps: LocalNodeDeps): NodeAccounts {
  return {
    signUp: (request) => signUp(deps, request),
    getLogin: (username, author, auth, secondFactor) =>
      getLogin(deps, { username, author, auth, secondFactor }),
    setLogin: (username, loginData, auth) => setLogin(deps, username, loginData, auth),
  };
}

async function requireHomeOf(deps: LocalNodeDeps, identity: KeyHash): Promise<void> {
  requireHome((await readOwner(deps.records, await partitionOf(deps, identity))).value);
}

interface LoginRequest {
  readonly username: string;
  readonly author: PublicSigningKey;
  readonly auth: Uint8Array;
  readonly secondFactor: SecondFactorAnswer | undefined;
}

/**
 * The record is looked up before the time is checked, as the reference does. Second factors come
 * last: only who knows the password learns which there are.
 */
async function getLogin(
  deps: LocalNodeDeps,
  { username, author, auth, secondFactor }: LoginRequest,
): Promise<CborValue> {
  await requireHomeOf(deps, await requireIdentity(deps, username));
  return loginOf(deps, { username, author, auth, secondFactor });
}

/**
 * The same of an account that is mirrored here, while its home is away. Not every copy has a login
 * record: then only the home could answer.
 */
export async function getLoginOfCopy(
  deps: LocalNodeDeps,
  ...[username, author, auth, secondFactor]: Parameters<NodeAccounts['getLogin']>
): Promise<CborValue> {
  if ((await deps.records.get(TABLE.logins, username)) === undefined) throw new HomeServerAway();
  return loginOf(deps, { username, author, auth, secondFactor });
}

async function loginOf(
  deps: LocalNodeDeps,
  { username, author, auth, secondFactor }: LoginRequest,
): Promise<CborValue> {
  const stored = await deps.records.get(TABLE.logins, username);
  const record = stored === undefined ? undefined : loginRecordFromBytes(stored);
  if (record === undefined || !record.loginKey.equals(author)) throw new WrongPassword();
  await checkSignedTime(author, auth, deps.clock(), LOGIN_WINDOW_MS);
  const challenge = await challengeSecondFactor(deps, username, secondFactor);
  return loginResponseToCbor({
    isOpen: challenge === undefined,
    content: challenge ?? record.entryPoints,
  });
}

async function setLogin(
  deps: LocalNodeDeps,
  username: string,
  bytes: Uint8Array,
  auth: Uint8Array,
): Promise<void> {
  const identity = await requireIdentity(deps, username);
  await requireHomeOf(deps, identity);
  if (bytes.length > LOGIN_DATA_MAX_BYTES) throw new MalformedRequest('Login data are too long.');
  await checkDetached(await publicKeyOf(deps, identity), auth, bytes, 'A change of login');
  const data = parseRequest('The login data', () => loginDataFromCbor(decodeCbor(bytes)));
  if (data.username !== username) throw new MalformedRequest('Login data are of another user.');
  if (data.change === undefined) await replaceRecord(deps, data);
  else await changePassword(deps, identity, data, data.change);
}

async function replaceRecord(deps: LocalNodeDeps, data: LoginData): Promise<void> {
  await compareAndSet(deps.records, async () => ({
    change: await replacedLogin(deps, data),
    result: undefined,
  }));
}

async function changePassword(
  deps: LocalNodeDeps,
  identity: KeyHash,
  data: LoginData,
  { block, pointer }: NonNullable<LoginData['change']>,
): Promise<void> {
  if (!block.writer.equals(identity) || !pointer.writer.equals(identity) || block.isRaw) {
    throw new MalformedRequest('A change of login changes another state.');
  }
  const blocks = createLocalBlocks(deps);
  const tid = await blocks.startTransaction(identity);
  try {
    await blocks.put(identity, identity, [block], 'dag-cbor', tid);
    const owner = await partitionOf(deps, identity);
    await setPointers(deps, owner, [pointer], () => replacedLogin(deps, data));
  } finally {
    // What stays open because the store failed is forgotten after a day.
    await blocks.closeTransaction(identity, tid).catch(() => undefined);
  }
}
