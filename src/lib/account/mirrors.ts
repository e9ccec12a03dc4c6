/**
 * A second node keeps a copy of the account (B-6 §8): one reads from it while the home is away, and
 * goes on there when the home is gone for good. The home does nothing for it; the copy is asked for,
 * and taken over, by what the identity signs.
 */
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { signDetached, signRequest } from '#lib/crypto/index.ts';
import type { MirrorStatus } from '#lib/node/index.ts';
import {
  BATS_LIST_PATH,
  claimChainFromCbor,
  claimChainToCbor,
  loginDataToCbor,
  MIRROR_END_PATH,
  MIRROR_PATH,
  NotOffered,
} from '#lib/protocol/index.ts';
import type { PublicSigningKey } from '#lib/crypto/index.ts';
import { NO_WORK } from './claim-renewal.ts';
import { MoveRefused } from './errors.ts';
import { openForSettling } from './migrate-account.ts';
import { chainNaming } from './register-account.ts';
import { SecondFactors } from './second-factors.ts';
import type { AccountDeps, Session } from './session.ts';
import type { Credentials } from './sign-in.ts';

export interface Mirroring {
  /** At the account's home. */
  readonly from: AccountDeps;
  /** The node that is to keep the copy. */
  readonly to: AccountDeps;
  readonly session: Session;
  /** An invitation to the other node, where one is needed. */
  readonly token?: string;
  /** Of the password: then one can sign in at the copy while the home is away. */
  readonly loginKey?: PublicSigningKey;
}

/**
 * Begins, or asks how far the copy is. The login record goes along only where there is no second
 * factor, which the other node could not ask for.
 * @throws `NotOffered`, `SignUpClosed`, `NameTaken`
 */
export async function mirrorAccount(mirroring: Mirroring): Promise<MirrorStatus> {
  return ask(mirroring, false);
}

/**
 * {@link mirrorAccount} by who shows the password, so that one can sign in at the copy.
 * @throws WrongPassword and others of a sign-in
 */
export async function mirrorWithPassword(
  mirroring: Omit<Mirroring, 'session' | 'loginKey'>,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<MirrorStatus> {
  const { unlocked, session } = await openForSettling(mirroring.from, credentials, signal);
  const factors = await new SecondFactors(mirroring.from, session).list();
  if (factors.length === 0) {
    return mirrorAccount({ ...mirroring, session, loginKey: unlocked.derived.login.publicKey });
  }
  // A record from before there were any would ask for none: with the end of the copy it goes.
  await endMirror({ ...mirroring, session });
  return mirrorAccount({ ...mirroring, session });
}

/** The other node brings its copy up to date no more; what it has goes when its operator says so. */
export async function endMirror(mirroring: Mirroring): Promise<void> {
  await ask(mirroring, true);
}

async function ask(mirroring: Mirroring, isEnded: boolean): Promise<MirrorStatus> {
  const { from, to, session, token = '', loginKey } = mirroring;
  const { identity, username } = session;
  await to.node.blocks.nodeIds();
  const { names } = to.node;
  if (names.mirror === undefined) throw new NotOffered('That node mirrors no accounts.');
  const { node, clock } = from;
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  const auth = await signRequest(identity, BATS_LIST_PATH, clock());
  const bat = (await node.bats.list(identity.hash, auth)).at(-1);
  if (bat === undefined) throw new MoveRefused('This account has no mirror BAT.');
  const addresses = (await node.blocks.peerAddresses?.().catch(() => [])) ?? [];
  return names.mirror({
    username,
    chain: claimChainToCbor(chain),
    bat,
    auth: await signRequest(identity, isEnded ? MIRROR_END_PATH : MIRROR_PATH, to.clock()),
    extras: { token, addresses },
    login: isEnded ? undefined : await loginFor(session, loginKey),
    isEnded,
  });
}

async function loginFor(session: Session, loginKey: PublicSigningKey | undefined) {
  if (loginKey === undefined) return undefined;
  const { username, sealedSecrets, identity } = session;
  const bytes = encodeCbor(loginDataToCbor(username, sealedSecrets, loginKey));
  return { bytes, auth: await signDetached(identity, bytes) };
}

/**
 * The account lives at the node that has a copy of it, from now on: for when its home is gone. What
 * was changed at the home after the copy was last brought up to date is lost.
 */
export async function takeOver(at: AccountDeps, session: Session): Promise<void> {
  const { node } = at;
  const chain = await chainNaming(at, at, session);
  await node.names.updateChain(session.username, claimChainToCbor(chain), NO_WORK, '');
}
