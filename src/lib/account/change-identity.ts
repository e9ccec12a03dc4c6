/**
 * Accounts of the oldest kind have keys that come of the password and entry points in public state
 * (A-2 §5, B-3 §7). Such a password cannot be changed: knowing it is being the account. So the
 * account gets a random identity instead, which the former one hands the name to (B-2 §11), and
 * becomes like any other.
 *
 * The order is what makes it safe. The former identity owns the new one first, whose whole state is
 * written with it; then the node learns the login record; last the claims change, at one instant.
 * Until then the name leads to the former identity and the old password; what died before leaves an
 * identity that leads nowhere, and the next attempt makes another.
 */
import { EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import { asMap, cborMap, decodeBlock, encodeCbor, type CborMap } from '#lib/codec/index.ts';
import {
  algorithmToCbor,
  asKeyHash,
  ownerProof,
  signDetached,
  Signer,
  SigningKeyPair,
  type DerivedLogin,
  type KeyHash,
  type ScryptAlgorithm,
} from '#lib/crypto/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  loginDataToCbor,
  NEVER_EXPIRES,
  NodeUnreachable,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { WriterData } from '#lib/protocol/index.ts';
import { Commit, ownedBy, Snapshot } from '#lib/writers/index.ts';
import { boxingOfToday } from './boxing-upgrade.ts';
import { claimExpiry, NO_WORK } from './claim-renewal.ts';
import { MalformedAccount, refuseWithoutState } from './errors.ts';
import { sealLoginSecrets } from './login-record.ts';
import { openSession, type AccountDeps, type SessionKeys } from './session.ts';
import type { Unlocked } from './session.ts';

/** What a new password leads to. */
export interface NewPassword {
  readonly algorithm: ScryptAlgorithm;
  readonly derived: DerivedLogin;
}

/** Gives the account a new identity under a new password. Throws {@link MalformedAccount}. */
export async function changeIdentity(
  deps: AccountDeps,
  { state, keys }: Unlocked,
  password: NewPassword,
  signal?: AbortSignal,
): Promise<SessionKeys> {
  const { username, identity: former } = keys;
  const identity = SigningKeyPair.random(deps.random);
  const boxing = await boxingOfToday(deps, keys);
  const entries = keys.entries.map((entry) => {
    const { capability } = entry;
    const isOwn = capability.owner.equals(former.hash);
    return isOwn ? { ...entry, capability: { ...capability, owner: identity.hash } } : entry;
  });
  const sealedSecrets = sealLoginSecrets(
    password.derived.root,
    { entries, boxing, identity },
    deps.random,
  );
  const algorithm = algorithmToCbor(password.algorithm);
  const changed: SessionKeys = {
    username,
    identity,
    boxing,
    entries,
    rootKey: password.derived.root,
    sealedSecrets,
    algorithm,
  };
  if (state.data === undefined) refuseWithoutState(state.sequence);
  const { home } = await openSession(deps, keys, signal);
  await writeState(deps, { former, data: state.data, changed, held: [home.signer] }, signal);
  const { publicKey } = password.derived.login;
  const record = encodeCbor(loginDataToCbor(username, sealedSecrets, publicKey));
  await deps.node.accounts.setLogin(username, record, await signDetached(former, record));
  signal?.throwIfAborted();
  await handOverName(deps, username, former, identity);
  await forgetFormer(deps, former).catch(() => undefined);
  return changed;
}

interface Succession {
  readonly former: SigningKeyPair;
  /** The former identity's state. */
  readonly data: WriterData;
  readonly changed: SessionKeys;
  /** Keys of writers that the account holds. */
  readonly held: readonly Signer[];
}

/** The new identity's first state: the former one's without entry points, every owned key proved anew. */
async function writeState(
  deps: AccountDeps,
  { former, data, changed, held }: Succession,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { identity, boxing, algorithm } = changed;
  const children = await childrenOf(deps, former.hash, data, held);
  const commit = new Commit(deps, former.hash);
  try {
    const signer = await commit.createWriter(Signer.of(former), identity);
    for (const child of children.owned) await commit.ownWriter(signer, child);
    const named = await namedBy(identity.hash, children.named);
    const inbound = boxing?.publicKey.hash();
    if (boxing !== undefined) commit.putCbor(signer, boxing.publicKey.toCbor());
    const { publicData, tree, links } = data;
    await commit.changeWriterData(signer, (fresh) =>
      fresh.with({ algorithm, inbound, publicData, tree, links, named }),
    );
    await commit.commit(signal);
  } catch (error) {
    await commit.abandon();
    throw error;
  }
}

interface Children {
  readonly owned: readonly Signer[];
  readonly named: ReadonlyMap<string, Signer>;
}

/**
 * The keys that the former identity owns. One that the account does not hold may stay behind if it
 * leads to nothing, or is an identity that an attempt which died left.
 */
async function childrenOf(
  deps: AccountDeps,
  former: KeyHash,
  data: WriterData,
  held: readonly Signer[],
): Promise<Children> {
  const signerOf = (key: KeyHash) => held.find(({ hash }) => hash.equals(key));
  const named = new Map<string, Signer>();
  for (const [label, proof] of data.named ?? []) {
    const child = asKeyHash(asMap(proof, 'An owner proof').get('o'), 'A named key');
    const signer = signerOf(child);
    if (signer === undefined) throw notHeld();
    named.set(label, signer);
  }
  const snapshot = new Snapshot(deps, former);
  const owned: Signer[] = [];
  for await (const child of ownedBy(snapshot, former)) {
    const signer = signerOf(child);
    if (signer !== undefined) {
      if (![...named.values()].includes(signer)) owned.push(signer);
      continue;
    }
    const { data: lost } = await snapshot.state(child);
    const isEmpty = lost?.tree === undefined || lost.tree.equals(EMPTY_CHAMP_CID);
    if (!isEmpty) throw notHeld();
  }
  return { owned, named };
}

function notHeld(): MalformedAccount {
  return new MalformedAccount(
    'This account is of the oldest kind, and the key of a part of it is not in the account. Its password cannot be changed.',
  );
}

async function namedBy(
  parent: KeyHash,
  children: ReadonlyMap<string, Signer>,
): Promise<CborMap | undefined> {
  const proofs = [...children].map(async ([label, child]) => {
    return [label, await ownerProof(child, parent)] as const;
  });
  return children.size === 0 ? undefined : cborMap(await Promise.all(proofs));
}

/** The commit point. If the answer is lost, whose the name is now says what became of it. */
async function handOverName(
  { node, clock }: AccountDeps,
  username: string,
  former: SigningKeyPair,
  identity: SigningKeyPair,
): Promise<void> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  await verifyClaimChain(chain, username);
  const last = chain.at(-1);
  if (last?.owner.equals(former.hash) !== true) {
    throw new MalformedAccount('The server shows another identity for this account than before.');
  }
  const { storageProviders } = last.claim;
  const handing = { username, expiry: NEVER_EXPIRES, storageProviders: [] };
  const renewed = { username, expiry: claimExpiry(clock()), storageProviders };
  const links = [
    await createClaimLink(former, handing, identity.hash),
    await createClaimLink(identity, renewed),
  ];
  try {
    await node.names.updateChain(username, claimChainToCbor(links), NO_WORK, '');
  } catch (error) {
    if (!(error instanceof NodeUnreachable)) throw error;
    const present = await node.names.publicKey(username).catch(() => undefined);
    if (present?.equals(identity.hash) !== true) throw error;
  }
}

/** What the old password opens goes out of the former state. The name does not lead there any more. */
async function forgetFormer(deps: AccountDeps, former: SigningKeyPair): Promise<void> {
  const commit = new Commit(deps, former.hash);
  try {
    const none = { staticData: undefined };
    await commit.changeWriterData(Signer.of(former), (data) => data.with(none));
    await commit.commit();
  } finally {
    await commit.abandon();
  }
}
