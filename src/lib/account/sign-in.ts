/**
 * Signing in (B-3 §1–§4): public algorithm, scrypt, login record, home. Staying signed in repeats
 * it from a kept root key, without scrypt.
 *
 * The node is asked for public state only until the login record has opened; what it answers is
 * verified, and a wrong answer can only make the record undecryptable.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { encodeCbor, type CborValue } from '#lib/codec/index.ts';
import {
  algorithmFromCbor,
  BoxingKeyPair,
  CannotDecrypt,
  requireLoginAlgorithm,
  deriveLogin,
  signTime,
  type DerivedLogin,
  type KeyHash,
  type SymmetricKey,
} from '#lib/crypto/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import {
  challengeFromCbor,
  loginResponseFromCbor,
  proofToCbor,
  SecondFactorRefused,
  UnknownUser,
  WrongPassword,
} from '#lib/protocol/index.ts';
import type {
  LoginResponse,
  SecondFactorChallenge,
  SecondFactorProof,
  WriterData,
} from '#lib/protocol/index.ts';
import { Snapshot, type WriterState } from '#lib/writers/index.ts';
import { MalformedAccount, refuseWithoutState, SecondFactorNeeded, SignInAgain } from './errors.ts';
import { withHybridBoxing } from './boxing-upgrade.ts';
import { requireKnownState, type Expectation } from './known-state.ts';
import { openLoginSecrets, type LoginSecrets } from './login-record.ts';
import { type AccountDeps, openSession, type Session, type Unlocked } from './session.ts';

const SESSION_BYTES = 32;

export interface Credentials extends Expectation {
  readonly username: string;
  readonly password: string;
  /**
   * Asked when the account has second factors, and again as long as the node refuses the answer;
   * to give up it throws. Without it {@link SecondFactorNeeded} is thrown.
   */
  readonly secondFactor?:
    ((asked: SecondFactorChallenge) => Promise<SecondFactorProof>) | undefined;
}

/** What is kept on a device that stays signed in. */
export interface KeptLogin {
  readonly username: string;
  readonly rootKey: SymmetricKey;
  readonly sealedSecrets: CborValue;
  readonly algorithm: CborValue;
}

/**
 * Throws `UnknownUser`, `WrongPassword`, `UserDeleted`, `AccountAbsent`, SecondFactorNeeded, `HarshAlgorithm`,
 * AccountChanged.
 */
export async function signIn(
  deps: AccountDeps,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<Session> {
  const unlocked = await unlock(deps, credentials, signal);
  const keys = await withHybridBoxing(deps, unlocked, signal);
  return openSession(deps, keys, signal);
}

/**
 * Opens a session from what the device kept. Throws SignInAgain when the password was changed
 * since: the kept key then belongs to a password that is no longer good.
 */
export async function resumeSession(
  deps: AccountDeps,
  kept: KeptLogin,
  signal?: AbortSignal,
): Promise<Session> {
  const { data } = await publicState(deps, kept.username, signal);
  // Keys that come of the password are not kept (B-3 §7).
  const isOldest = data.staticData !== undefined;
  if (isOldest || !sameCbor(data.algorithm, kept.algorithm)) throw new SignInAgain();
  const secrets = openLoginSecrets(kept.rootKey, kept.sealedSecrets);
  return openSession(deps, { ...kept, ...ownKeys(secrets) }, signal);
}

/** Steps 1 to 3 of a sign-in: everything but the home directory. */
export async function unlock(
  deps: AccountDeps,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<Unlocked> {
  const { username } = credentials;
  const { state, data } = await publicState(deps, username, signal);
  const { algorithm } = data;
  if (algorithm === undefined) throw new MalformedAccount('This account has no password.');
  requireLoginAlgorithm(algorithmFromCbor(algorithm), { isOldest: data.staticData !== undefined });
  const { writer: owner } = state;
  await requireKnownState({ username, owner, algorithm }, credentials);
  signal?.throwIfAborted();
  const [first = '', ...others] = passwordForms(credentials.password);
  const shown = { state, data, algorithm };
  try {
    return await unlockWith(deps, shown, { ...credentials, password: first }, signal);
  } catch (error) {
    if (!(error instanceof WrongPassword)) throw error;
    for (const password of others) {
      try {
        return await unlockWith(deps, shown, { ...credentials, password }, signal);
      } catch (next) {
        if (!(next instanceof WrongPassword)) throw next;
      }
    }
    throw error;
  }
}

/**
 * A password as it was typed, and in the forms another keyboard or system may have made of it. A
 * new password is taken as typed. A node asks for a second factor only once the password is right,
 * so no code is used up here.
 */
function passwordForms(password: string): string[] {
  return [...new Set([password, password.normalize('NFC'), password.normalize('NFD')])];
}

interface Shown {
  readonly state: WriterState;
  readonly data: WriterData;
  readonly algorithm: CborValue;
}

async function unlockWith(
  deps: AccountDeps,
  { state, data, algorithm }: Shown,
  { username, password, secondFactor }: Credentials,
  signal?: AbortSignal,
): Promise<Unlocked> {
  const derived = await deriveLogin(username, password, algorithmFromCbor(algorithm), signal);
  signal?.throwIfAborted();
  const sealedSecrets =
    data.staticData ?? (await fetchLogin(deps, username, derived, secondFactor, signal));
  const secrets = ownKeys(openWithPassword(derived.root, sealedSecrets), derived, state.writer);
  return {
    state,
    derived,
    keys: { username, rootKey: derived.root, sealedSecrets, algorithm, ...secrets },
  };
}

async function publicState(
  deps: AccountDeps,
  username: string,
  signal?: AbortSignal,
): Promise<{ state: WriterState; data: WriterData }> {
  const owner = await deps.node.names.publicKey(username, signal);
  if (owner === undefined) {
    throw new UnknownUser('There is no account with this name. Did you enter it correctly?');
  }
  const state = await stateOf(deps, owner, signal);
  if (state.data === undefined) refuseWithoutState(state.sequence);
  return { state, data: state.data };
}

/** The present state of an identity. */
export function stateOf(
  deps: AccountDeps,
  owner: KeyHash,
  signal?: AbortSignal,
): Promise<WriterState> {
  return new Snapshot(deps, owner).state(owner, signal);
}

/**
 * `getLogin` (B-3 §3): once, and again with each answer to the question for a second factor. What
 * the password leads to is derived before, so a wrong code costs no second derivation.
 */
async function fetchLogin(
  deps: AccountDeps,
  username: string,
  { login }: DerivedLogin,
  secondFactor: Credentials['secondFactor'],
  signal: AbortSignal | undefined,
): Promise<CborValue> {
  const { accounts } = deps.node;
  const ask = async (response?: CborValue): Promise<LoginResponse> => {
    const auth = await signTime(login, deps.clock());
    const session = sessionAt(deps);
    const answer = response === undefined ? undefined : { response, session };
    const key = login.publicKey;
    return loginResponseFromCbor(await accounts.getLogin(username, key, auth, answer, signal));
  };
  let refusal: SecondFactorRefused | undefined;
  for (;;) {
    const first = await ask();
    if (first.isOpen) return first.content;
    const asked = challengeFromCbor(first.content);
    if (secondFactor === undefined) throw new SecondFactorNeeded(asked);
    const proof = await secondFactor(refusal === undefined ? asked : { ...asked, refusal });
    signal?.throwIfAborted();
    try {
      const second = await ask(proofToCbor(proof, asked.factors));
      if (second.isOpen) return second.content;
      throw new SecondFactorNeeded(challengeFromCbor(second.content));
    } catch (error) {
      if (!(error instanceof SecondFactorRefused)) throw error;
      refusal = error;
    }
  }
}

/** Sent to a node with a code, so that only this program can use the same code again. */
const sessions = new WeakMap<StorageNode, Uint8Array>();

function sessionAt({ node, random }: AccountDeps): Uint8Array {
  const session = sessions.get(node) ?? random(SESSION_BYTES);
  sessions.set(node, session);
  return session;
}

/** A record that does not open means a wrong name or password, and says no more (B-3 §2). */
function openWithPassword(root: SymmetricKey, sealed: CborValue): LoginSecrets {
  try {
    return openLoginSecrets(root, sealed);
  } catch (error) {
    if (error instanceof CannotDecrypt) throw new WrongPassword();
    throw error;
  }
}

/**
 * Both key pairs; what a legacy account's record lacks is derived from its password (B-3 §7). The
 * login key is the identity where it has the identity's name.
 */
function ownKeys(secrets: LoginSecrets, derived?: DerivedLogin, owner?: KeyHash) {
  const legacy = derived?.legacyBoxSecret;
  const isIdentity = owner !== undefined && derived?.login.hash.equals(owner) === true;
  const identity = secrets.identity ?? (isIdentity ? derived.login : undefined);
  const boxing =
    secrets.boxing ?? (legacy === undefined ? undefined : BoxingKeyPair.fromCurveSecret(legacy));
  // Only an identity that comes of the password may lack the other pair, as the operator's does.
  if (identity === undefined || (boxing === undefined && !isIdentity)) {
    throw new MalformedAccount('The login record of this account lacks its keys.');
  }
  return { entries: secrets.entries, identity, boxing };
}

function sameCbor(a: CborValue | undefined, b: CborValue): boolean {
  return a !== undefined && equalBytes(encodeCbor(a), encodeCbor(b));
}
