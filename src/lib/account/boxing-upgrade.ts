/**
 * Giving an account of before a boxing key that also withstands quantum computers (A-2 §5,
 * B-3 §4.6). Nobody may be writing to the old key: as long as follow requests wait, nothing changes.
 *
 * First the login record learns the new pair, then the identity's state shows its public part. Died
 * in between, the next sign-in finds a record that is ahead of the state and completes it.
 */
import { encodeCbor } from '#lib/codec/index.ts';
import { BoxingKeyPair, HYBRID, signDetached, Signer, signTime } from '#lib/crypto/index.ts';
import { loginDataToCbor } from '#lib/protocol/index.ts';
import { Commit } from '#lib/writers/index.ts';
import { sealLoginSecrets } from './login-record.ts';
import type { AccountDeps, SessionKeys, Unlocked } from './session.ts';

/** The keys to go on with. Accounts of the oldest kind, whose keys come of the password, stay as they are. */
export async function withHybridBoxing(
  deps: AccountDeps,
  { state, derived, keys }: Unlocked,
  signal?: AbortSignal,
): Promise<SessionKeys> {
  const { identity, boxing: present } = keys;
  if (state.data === undefined || state.data.staticData !== undefined) return keys;
  if (present?.publicKey.type === HYBRID) {
    const isShown = state.data.inbound?.equals(present.publicKey.hash()) === true;
    if (!isShown) await showBoxingKey(deps, identity, present, signal);
    return keys;
  }
  const boxing = await boxingOfToday(deps, keys);
  if (boxing === undefined || boxing === present) return keys;
  const sealedSecrets = sealLoginSecrets(keys.rootKey, { ...keys, boxing }, deps.random);
  const { username } = keys;
  const record = encodeCbor(loginDataToCbor(username, sealedSecrets, derived.login.publicKey));
  await deps.node.accounts.setLogin(username, record, await signDetached(identity, record));
  await showBoxingKey(deps, identity, boxing, signal);
  return { ...keys, boxing, sealedSecrets };
}

/** A pair of today's kind, or the present one while a follow request needs it. */
export async function boxingOfToday(
  deps: AccountDeps,
  { identity, boxing }: SessionKeys,
): Promise<SessionKeys['boxing']> {
  if (boxing?.publicKey.type === HYBRID) return boxing;
  const auth = await signTime(identity, deps.clock());
  const waiting = await deps.node.inbox.list(identity.hash, auth);
  return waiting.length > 0 ? boxing : BoxingKeyPair.random(deps.random);
}

/** Puts the public key where others look for it: the identity's state. */
async function showBoxingKey(
  deps: AccountDeps,
  identity: SessionKeys['identity'],
  boxing: BoxingKeyPair,
  signal?: AbortSignal,
): Promise<void> {
  const signer = Signer.of(identity);
  const commit = new Commit(deps, identity.hash);
  try {
    commit.putCbor(signer, boxing.publicKey.toCbor());
    const inbound = boxing.publicKey.hash();
    await commit.changeWriterData(signer, (data) => data.with({ inbound }));
    await commit.commit(signal);
  } catch (error) {
    await commit.abandon();
    throw error;
  }
}
