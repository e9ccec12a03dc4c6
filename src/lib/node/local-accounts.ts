/**
 * Login records of the local node (B-3 §3, §6).
 *
 * A password change arrives with the identity's new state, which names the new scrypt parameters.
 * The block is stored first; then pointer and login record change in one record transaction. So
 * parameters and record always belong together, and exactly one password works at any moment.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { cborMap, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash, PublicSigningKey } from '#lib/crypto/index.ts';
import { checkDetached, checkSignedTime, LOGIN_WINDOW_MS } from './authorisation.ts';
import type { LocalNodeDeps } from './context.ts';
import { MalformedRequest, parseRequest, UnknownUser, WrongPassword } from './errors.ts';
import { createLocalBlocks } from './local-blocks.ts';
import { identityOf } from './local-names.ts';
import { setPointers } from './local-pointers.ts';
import { LOGIN_DATA_MAX_BYTES, loginDataFromCbor, loginRecordToBytes } from './login-record.ts';
import { loginRecordFromBytes } from './login-record.ts';
import type { LoginData } from './login-record.ts';
import { signUp } from './sign-up.ts';
import { TABLE } from './tables.ts';
import type { NodeAccounts } from './types.ts';

export function createLocalAccounts(deps: LocalNodeDeps): NodeAccounts {
  return {
    signUp: (request) => signUp(deps, request),
    getLogin: (username, author, auth) => getLogin(deps, username, author, auth),
    setLogin: (username, loginData, auth) => setLogin(deps, username, loginData, auth),
  };
}

/** The record is looked up before the time is checked, as the reference does. */
async function getLogin(
  deps: LocalNodeDeps,
  username: string,
  author: PublicSigningKey,
  auth: Uint8Array,
): Promise<CborValue> {
  await requireIdentity(deps, username);
  const stored = await deps.records.get(TABLE.logins, username);
  const record = stored === undefined ? undefined : loginRecordFromBytes(stored);
  if (record === undefined || !sameKey(record.loginKey, author)) throw new WrongPassword();
  await checkSignedTime(author, auth, deps.clock(), LOGIN_WINDOW_MS);
  return cborMap([
    ['a', true],
    ['r', record.entryPoints],
  ]);
}

async function setLogin(
  deps: LocalNodeDeps,
  username: string,
  bytes: Uint8Array,
  auth: Uint8Array,
): Promise<void> {
  const identity = await requireIdentity(deps, username);
  if (bytes.length > LOGIN_DATA_MAX_BYTES) throw new MalformedRequest('Login data are too long.');
  await checkDetached(identity, auth, bytes, 'A change of login');
  const data = parseRequest('The login data', () => loginDataFromCbor(decodeBlock(bytes)));
  if (data.username !== username) throw new MalformedRequest('Login data are of another user.');
  if (data.change === undefined) await replaceRecord(deps, data);
  else await changePassword(deps, identity, data, data.change);
}

async function replaceRecord(deps: LocalNodeDeps, data: LoginData): Promise<void> {
  const entry = { table: TABLE.logins, key: data.username, value: loginRecordToBytes(data) };
  await deps.records.apply({ writes: [entry] });
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
    const record = { table: TABLE.logins, key: data.username, value: loginRecordToBytes(data) };
    await setPointers(deps, identity, [pointer], async () => ({ writes: [record] }));
  } finally {
    // What stays open because the store failed is forgotten after a day.
    await blocks.closeTransaction(identity, tid).catch(() => undefined);
  }
}

async function requireIdentity(deps: LocalNodeDeps, username: string): Promise<KeyHash> {
  const identity = await identityOf(deps, username);
  if (identity !== undefined) return identity;
  throw new UnknownUser('There is no such user here.');
}

function sameKey(a: PublicSigningKey, b: PublicSigningKey): boolean {
  return equalBytes(encodeCbor(a.toCbor()), encodeCbor(b.toCbor()));
}
