/**
 * An account becomes known at a new place, with a first state that leads to no file yet. What an
 * earlier attempt left there is taken up again; anything else there is not ours to change.
 */
import { CODEC, decodeBlock, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import {
  hashBlockNow,
  signDetached,
  Signer,
  type BatWithId,
  type KeyHash,
  type SigningKeyPair,
} from '#lib/crypto/index.ts';
import { type ProofOfWork } from '#lib/node/index.ts';
import {
  BATS_ADD_PATH,
  blockWriteToCbor,
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  loginDataToCbor,
  pointerWriteToCbor,
  signBlockWrite,
  signPointerWrite,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink, WriterData } from '#lib/protocol/index.ts';
import { MoveRefused } from './errors.ts';
import type { AccountDeps, Session, Unlocked } from './session.ts';
import { signedChange } from './signed-change.ts';
import { handOver, opLogToBytes, withProofOfWork } from './sign-up.ts';

/** The identity to register, and the node. */
export interface NewHome {
  readonly to: AccountDeps;
  readonly session: Session;
  readonly unlocked: Unlocked;
  /** Mirror BATs of the account, oldest first. */
  readonly bats: readonly BatWithId[];
  /** The claims as they shall be: the last names the new home. */
  readonly chain: readonly UserPublicKeyLink[];
  readonly signal: AbortSignal | undefined;
}

/**
 * The claims of the account with the last one renewed for the new home, a day later (B-2 §12); as
 * they are where they name it already. Throws {@link MoveRefused}.
 */
export async function chainNaming(
  { node }: AccountDeps,
  to: AccountDeps,
  { username, identity }: Session,
): Promise<readonly UserPublicKeyLink[]> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  await verifyClaimChain(chain, username);
  const last = chain.at(-1);
  if (last?.owner.equals(identity.hash) !== true) {
    throw new MoveRefused('The claim to the name of this account is of another identity.');
  }
  const home = await to.node.blocks.nodeId();
  if (last.claim.storageProviders[0]?.equals(home) === true) return chain;
  const expiry = dayAfter(last.claim.expiry);
  const claim = { username, expiry, storageProviders: [home] };
  return [...chain.slice(0, -1), await createClaimLink(identity, claim)];
}

/** Whether the last claim names the new place already. */
export async function isHomeAt(
  { node }: AccountDeps,
  to: AccountDeps,
  username: string,
): Promise<boolean> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  const [home] = chain.at(-1)?.claim.storageProviders ?? [];
  return home?.equals(await to.node.blocks.nodeId()) === true;
}

function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

/** `made`: with its login record. `known`: by an earlier attempt, which may have left blocks. */
export type Announced = 'made' | 'registered' | 'known';

/** Makes the account known at the new place. Throws {@link MoveRefused}, `SignUpClosed`. */
export async function announce(newHome: NewHome, token: string): Promise<Announced> {
  const { to, session, unlocked, bats, chain, signal } = newHome;
  const { username, identity } = session;
  const present = await to.node.names.publicKey(username);
  const [firstBat, ...laterBats] = bats;
  if (present !== undefined) {
    await requireEarlierAttempt(newHome, present);
    for (const bat of bats) await addBat(to, identity, bat);
    return 'known';
  }
  if (firstBat === undefined) throw new MoveRefused('This account has no mirror BAT.');
  const claims = claimChainToCbor(chain);
  if (chain.length > 1) {
    // A sign-up has one claim: a name with a history is registered, and gets its data afterwards.
    const register = (work: ProofOfWork) =>
      to.node.names.updateChain(username, claims, work, token);
    await withProofOfWork(claims, register, signal);
    for (const bat of bats) await addBat(to, identity, bat);
    return 'registered';
  }
  const { sealedSecrets } = session;
  const loginData = loginDataToCbor(username, sealedSecrets, unlocked.derived.login.publicKey);
  const operations = await firstOperations(unlocked);
  const opLog = await opLogToBytes(operations, loginData, identity, firstBat, to.clock());
  await handOver(to, { username, chain: claims, opLog, token }, signal);
  for (const bat of laterBats) await addBat(to, identity, bat);
  return 'made';
}

/** The account is known there already: an interrupted move is, anything else is not ours to change. */
async function requireEarlierAttempt({ to, session, chain }: NewHome, present: KeyHash) {
  if (!present.equals(session.identity.hash)) {
    throw new MoveRefused('The name of this account belongs to somebody else there.');
  }
  const there = claimChainFromCbor(decodeBlock(await to.node.names.chain(session.username)));
  const [home] = there.at(-1)?.claim.storageProviders ?? [];
  const [wanted] = chain.at(-1)?.claim.storageProviders ?? [];
  if (home !== undefined && wanted?.equals(home) === true) return;
  throw new MoveRefused('This account lived there before; what it left there has to go first.');
}

/** The node has no login record yet, or one of an earlier attempt with an older password. */
export async function renewLogin({ to, session, unlocked }: NewHome): Promise<void> {
  const { username, identity, sealedSecrets } = session;
  const { publicKey } = unlocked.derived.login;
  const data = encodeCbor(loginDataToCbor(username, sealedSecrets, publicKey));
  await to.node.accounts.setLogin(username, data, await signDetached(identity, data));
}

async function addBat(to: AccountDeps, identity: SigningKeyPair, bat: BatWithId) {
  await signedChange(to, identity, BATS_ADD_PATH, (auth) =>
    to.node.bats.add(identity.hash, bat, auth),
  );
}

/** A state with the password's parameters alone, and the pointer to it (B-2 §6.1). */
async function firstOperations({ state, keys }: Unlocked): Promise<CborValue[]> {
  const signer = Signer.of(keys.identity);
  const none: Partial<WriterData> = {
    tree: undefined,
    owned: undefined,
    named: undefined,
    links: undefined,
    publicData: undefined,
  };
  const block = encodeCbor(state.data!.with(none).toCbor());
  const updated = hashBlockNow(block, CODEC.dagCbor);
  const update = { original: undefined, updated, sequence: 1 };
  return [
    blockWriteToCbor(await signBlockWrite(signer, updated, block)),
    pointerWriteToCbor(await signPointerWrite(signer, update)),
  ];
}
