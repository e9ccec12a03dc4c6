/** Looks up users of this node: by name, by identity, or by an operator's request. */
import { fromUtf8 } from '#lib/bytes/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  BadName,
  claimChainFromCbor,
  isValidUsername,
  SignUpClosed,
  Unauthorised,
  UnknownUser,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { read, TABLE } from './records.ts';
import type { Read } from './records.ts';

/** A name's registered chain, oldest link first. */
export function readChain(
  deps: LocalNodeDeps,
  username: string,
): Promise<Read<readonly UserPublicKeyLink[]>> {
  return read(deps.records, TABLE.names, username, (bytes) =>
    claimChainFromCbor(decodeBlock(bytes)),
  );
}

/** The current identity: the owner of the last link. */
export async function identityOf(
  deps: LocalNodeDeps,
  username: string,
): Promise<KeyHash | undefined> {
  return (await readChain(deps, username)).value?.at(-1)?.owner;
}

/** Clients look for what `/peergos/…` recommends, so not just anybody may be that (B-7 §3). */
const OPERATORS_ONLY = 'peergos';

/**
 * Throws {@link BadName} for a name that nobody may register here, and {@link SignUpClosed} for one
 * that only an operator may, by the settings or by the token that is shown.
 */
export function requireNewName(
  { operators }: LocalNodeDeps,
  username: string,
  isOperatorsToken = false,
): void {
  if (!isValidUsername(username)) throw new BadName('This user name is not possible.');
  const isOpen = username !== OPERATORS_ONLY || operators?.includes(username) === true;
  if (!isOpen && !isOperatorsToken) throw new SignUpClosed('operator');
}

/** Older names have `_` and keep it when they move (B-2 §2). Throws {@link BadName}. */
export function requireMigratingName(deps: LocalNodeDeps, username: string): void {
  requireNewName(deps, username.replaceAll('_', 'x'));
}

/** Throws {@link UnknownUser}. */
export async function requireIdentity(deps: LocalNodeDeps, username: string): Promise<KeyHash> {
  const identity = await identityOf(deps, username);
  if (identity !== undefined) return identity;
  throw new UnknownUser('There is no such user here.');
}

/** The name of an identity, also of a former one. */
export async function nameOf(deps: LocalNodeDeps, identity: KeyHash): Promise<string | undefined> {
  const name = await deps.records.get(TABLE.identities, identity.toString());
  return name === undefined ? undefined : fromUtf8(name);
}

/** The name of an identity. Throws {@link UnknownUser}. */
export async function requireUser(deps: LocalNodeDeps, identity: KeyHash): Promise<string> {
  const name = await nameOf(deps, identity);
  if (name !== undefined) return name;
  throw new UnknownUser('There is no such user here.');
}

/** The name whose current identity this is; a former one may ask for nothing any more. */
export async function requireCurrentUser(deps: LocalNodeDeps, identity: KeyHash): Promise<string> {
  const name = await requireUser(deps, identity);
  if ((await identityOf(deps, name))?.equals(identity) === true) return name;
  throw new UnknownUser('This identity was replaced by another one.');
}

/** Whether this is the current identity of an operator. */
export async function isOperator(deps: LocalNodeDeps, identity: KeyHash): Promise<boolean> {
  const name = await nameOf(deps, identity);
  if (name === undefined || (await identityOf(deps, name))?.equals(identity) !== true) return false;
  if (deps.operators?.includes(name) === true) return true;
  return (await deps.records.get(TABLE.operators, name)) !== undefined;
}

/** Throws {@link Unauthorised}. */
export async function requireOperator(deps: LocalNodeDeps, identity: KeyHash): Promise<void> {
  if (!(await isOperator(deps, identity))) {
    throw new Unauthorised('Only the operator of this server may do that.');
  }
}
