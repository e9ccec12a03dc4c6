/**
 * Changing the password (B-3 §6): identity, boxing and file keys stay, only their wrapping changes.
 *
 * One call carries the new record and the change of the identity's state. The node's pointer is
 * the commit point: whatever dies before it leaves the old password good, whatever dies after it
 * the new one, and never both or neither. Accounts of the oldest kind get a new identity instead
 * (`change-identity.ts`).
 */
import { CODEC, encodeCbor, type CborValue, type Cid } from '#lib/codec/index.ts';
import {
  algorithmFromCbor,
  algorithmToCbor,
  deriveLogin,
  hashBlockNow,
  newLoginAlgorithm,
  signDetached,
  Signer,
  type DerivedLogin,
  type ScryptAlgorithm,
  type SigningKeyPair,
} from '#lib/crypto/index.ts';
import {
  blockWriteToCbor,
  loginDataToCbor,
  nextSequence,
  NodeUnreachable,
  PointerConflict,
  pointerWriteToCbor,
  signBlockWrite,
  signPointerWrite,
} from '#lib/protocol/index.ts';
import type { StateChange } from '#lib/protocol/index.ts';
import type { WriterState } from '#lib/writers/index.ts';
import { changeIdentity } from './change-identity.ts';
import { PasswordRefused, refuseWithoutState } from './errors.ts';
import { sealLoginSecrets } from './login-record.ts';
import { requireGoodPassword } from './password-rules.ts';
import type { AccountDeps, SessionKeys } from './session.ts';
import { stateOf, unlock, type Credentials } from './sign-in.ts';

export interface PasswordChange extends Omit<Credentials, 'password'> {
  readonly oldPassword: string;
  readonly newPassword: string;
}

/** Another change of the identity's state at the same time is rare; more than this is an attack. */
const ATTEMPTS = 3;

/** Returns the keys the account is opened with from now on. Throws PasswordRefused, `WrongPassword`. */
export async function changePassword(
  deps: AccountDeps,
  { oldPassword, newPassword, ...who }: PasswordChange,
  signal?: AbortSignal,
): Promise<SessionKeys> {
  const { username } = who;
  if (newPassword === oldPassword) {
    throw new PasswordRefused('The new password must differ from the old one.');
  }
  await requireGoodPassword(newPassword, username);
  const unlocked = await unlock(deps, { ...who, password: oldPassword }, signal);
  const { state, keys } = unlocked;
  const algorithm = freshAlgorithm(keys.algorithm, deps);
  const derived = await deriveLogin(username, newPassword, algorithm, signal);
  if (state.data?.staticData !== undefined) {
    return changeIdentity(deps, unlocked, { algorithm, derived }, signal);
  }
  const sealedSecrets = sealLoginSecrets(derived.root, keys, deps.random);
  const changed = { keys, derived, algorithm: algorithmToCbor(algorithm), sealedSecrets };
  signal?.throwIfAborted();
  await replaceRecord(deps, state, changed);
  return { ...keys, rootKey: derived.root, sealedSecrets, algorithm: changed.algorithm };
}

interface Changed {
  readonly keys: SessionKeys;
  readonly derived: DerivedLogin;
  readonly algorithm: CborValue;
  readonly sealedSecrets: CborValue;
}

async function replaceRecord(
  deps: AccountDeps,
  seen: WriterState,
  changed: Changed,
): Promise<void> {
  const { username, identity } = changed.keys;
  let state = seen;
  for (let attempt = 1; ; attempt++) {
    const { target, ...change } = await stateChange(state, changed);
    const { publicKey } = changed.derived.login;
    const data = encodeCbor(loginDataToCbor(username, changed.sealedSecrets, publicKey, change));
    try {
      return await deps.node.accounts.setLogin(username, data, await signDetached(identity, data));
    } catch (error) {
      if (error instanceof NodeUnreachable && (await standsAt(deps, identity, target))) return;
      if (!(error instanceof PointerConflict) || attempt === ATTEMPTS) throw error;
      state = await stateOf(deps, identity.hash);
    }
  }
}

/** Whether the change was made although its answer was lost. */
async function standsAt(
  deps: AccountDeps,
  identity: SigningKeyPair,
  target: Cid,
): Promise<boolean> {
  const present = await stateOf(deps, identity.hash).catch(() => undefined);
  return present?.target?.equals(target) === true;
}

/** The identity's state with the new algorithm, signed (B-3 §6.4), and what its pointer moves to. */
async function stateChange(
  state: WriterState,
  changed: Changed,
): Promise<StateChange & { readonly target: Cid }> {
  const { data, target, sequence } = state;
  if (data === undefined || target === undefined) refuseWithoutState(sequence);
  const signer = Signer.of(changed.keys.identity);
  const block = encodeCbor(data.with({ algorithm: changed.algorithm }).toCbor());
  const updated = hashBlockNow(block, CODEC.dagCbor);
  const update = { original: target, updated, sequence: nextSequence(sequence) };
  return {
    target: updated,
    blockWrite: blockWriteToCbor(await signBlockWrite(signer, updated, block)),
    pointerWrite: pointerWriteToCbor(await signPointerWrite(signer, update)),
  };
}

/** The same cost with a fresh salt, in today's layout. */
function freshAlgorithm(old: CborValue, deps: AccountDeps): ScryptAlgorithm {
  const parsed = algorithmFromCbor(old);
  const fresh = newLoginAlgorithm(deps.random);
  return parsed.type === 1 ? { ...parsed, o: 64, s: fresh.s } : fresh;
}
