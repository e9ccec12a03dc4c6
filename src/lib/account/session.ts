/**
 * A signed-in account: its keys, opened from the login record, and where its tree begins.
 */
import type { CborValue } from '#lib/codec/index.ts';
import {
  Bat,
  BatWithId,
  type BoxingKeyPair,
  type DerivedLogin,
  type KeyHash,
  type SigningKeyPair,
  signRequest,
  type SymmetricKey,
} from '#lib/crypto/index.ts';
import {
  mirrorBatIdOf,
  openNode,
  signerOf,
  type Capability,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import type { Home } from '#lib/drive/index.ts';
import { BATS_ADD_PATH, BATS_LIST_PATH } from '#lib/protocol/index.ts';
import { Snapshot, type SpaceDeps, type WriterState } from '#lib/writers/index.ts';
import { MalformedAccount } from './errors.ts';
import type { LoginSecrets } from './login-record.ts';
import { signedChange } from './signed-change.ts';

/** What the account room needs from outside. */
export type AccountDeps = SpaceDeps;

export interface Session {
  readonly username: string;
  readonly identity: SigningKeyPair;
  /** Absent for an account of the oldest kind that has none: nobody can write to it. */
  readonly boxing: BoxingKeyPair | undefined;
  readonly home: Home;
  /** The key the password leads to: opens the login record, seals places (C-7 §7.2). */
  readonly rootKey: SymmetricKey;
  /** The login record as the node serves it: UserStaticData. */
  readonly sealedSecrets: CborValue;
  /** The algorithm the root key was derived with; another one means another password. */
  readonly algorithm: CborValue;
}

/** Everything of a session that is not read from the node. */
export interface SessionKeys extends Omit<Session, 'home'> {
  readonly entries: LoginSecrets['entries'];
}

/** The account's public state, the derived keys and what the login record holds. */
export interface Unlocked {
  readonly state: WriterState;
  readonly derived: DerivedLogin;
  readonly keys: SessionKeys;
}

/** Opens the home directory and finds the mirror BAT (B-3 §4). */
export async function openSession(
  deps: AccountDeps,
  { entries, ...keys }: SessionKeys,
  signal?: AbortSignal,
): Promise<Session> {
  const entry = entries.find(({ username }) => username === keys.username) ?? entries[0];
  if (entry === undefined) throw new MalformedAccount('This account has no home directory.');
  // An identity that was replaced may still be named there (B-3 §2).
  const capability = { ...entry.capability, owner: keys.identity.hash };
  const node = await openHomeNode(deps, capability, signal);
  // The home writer's secret lies in the base block of the home directory (B-4 §1).
  const signer = signerOf(node);
  // What a home's blocks carry is what all below it is made with (A-4 §2): no need to ask for it.
  const mirrorBatId = mirrorBatIdOf(node) ?? (await findMirrorBat(deps, keys.identity)).id;
  const { username } = keys;
  return { ...keys, home: { owner: capability.owner, username, capability, signer, mirrorBatId } };
}

/**
 * The session to go on with when an account's keys were wrapped anew. One whose identity changed
 * is opened anew: everything in it is named by its owner.
 */
export async function continueSession(
  deps: AccountDeps,
  session: Session,
  keys: SessionKeys,
): Promise<Session> {
  if (!keys.identity.hash.equals(session.identity.hash)) return openSession(deps, keys);
  const { boxing, rootKey, sealedSecrets, algorithm } = keys;
  return { ...session, boxing, rootKey, sealedSecrets, algorithm };
}

async function openHomeNode(
  deps: AccountDeps,
  capability: Capability,
  signal?: AbortSignal,
): Promise<OpenNode> {
  const snapshot = new Snapshot(deps, capability.owner);
  const { writer, mapKey, bat } = capability;
  const found = await snapshot.lookup(writer, mapKey, bat?.withId(), signal);
  if (found === undefined) throw new MalformedAccount('The home directory cannot be found.');
  return openNode(capability, found.block, found.cid);
}

/** The newest mirror BAT; an account from before BATs gets its first (B-4 §4). */
async function findMirrorBat(deps: AccountDeps, identity: SigningKeyPair): Promise<BatWithId> {
  const { node, clock, random } = deps;
  const owner: KeyHash = identity.hash;
  const known = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, clock()));
  const newest = known.at(-1);
  if (newest !== undefined) return newest;
  const bat = createMirrorBat(random);
  await signedChange(deps, identity, BATS_ADD_PATH, (auth) => node.bats.add(owner, bat, auth));
  return bat;
}

/** A mirror BAT: its id is the hash of the secret itself (A-4 §1). */
export function createMirrorBat(random: AccountDeps['random']): BatWithId {
  const bat = Bat.random(random);
  return new BatWithId(bat, bat.secretHashId());
}

/** The authorisation that comes with a mirror BAT at sign-up (B-2 §6.1). */
export function authoriseMirrorBat(identity: SigningKeyPair, nowMs: number): Promise<Uint8Array> {
  return signRequest(identity, BATS_ADD_PATH, nowMs);
}
