/**
 * An account that is readable at one node settles at another, with its identity and all its keys:
 * the new place learns of it, takes every block, then the pointers; then all of it is read back and
 * somebody signs in there. Nothing changes at the place it is read from, and whatever dies on the
 * way is taken up again by the next attempt.
 *
 * Second factors stay behind: they are secrets of the old home (B-3 §5).
 */
import { EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import { isSameState, readPointers, type VerifiedPointer } from '#lib/archive/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { signRequest, signTime, type SigningKeyPair } from '#lib/crypto/index.ts';
import type { DriveDeps } from '#lib/drive/index.ts';
import { BATS_LIST_PATH, QuotaExceeded } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { BlockMissing, Snapshot, Uploads } from '#lib/writers/index.ts';
import { copyBlocks, copyPointers, readBack, type Copying } from './copy-account.ts';
import { MoveRefused } from './errors.ts';
import { knownStateOf } from './known-state.ts';
import { whatIsHit } from './lost-parts.ts';
import { announce, chainNaming, renewLogin, type NewHome } from './register-account.ts';
import { type AccountDeps, openSession, type Session, type Unlocked } from './session.ts';
import { signIn, unlock, type Credentials } from './sign-in.ts';
import { findSigners } from './space-signers.ts';

/** An account that keeps changing is copied again this often. */
const ATTEMPTS = 5;

/**
 * `checking` is done by a device alone, which reads back what it copied; `switching` and `waiting`, for a
 * server that does not answer, are told by servers.
 */
export type MovePhase = 'copying' | 'checking' | 'switching' | 'waiting';

export interface MoveProgress {
  readonly phase: MovePhase;
  /** Who carries the data. */
  readonly by: 'device' | 'servers';
  readonly doneBytes: number;
  readonly doneBlocks: number;
  /** What the old place says the account uses: near what there will be. */
  readonly totalBytes: number;
}

export interface MoveOptions {
  /** An invitation to the new place, where one is needed. */
  readonly token?: string;
  /** Who carries the data; the servers where they can, if absent. */
  readonly by?: 'device' | 'servers';
  readonly onProgress?: (progress: MoveProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Settled {
  /** At the new place. */
  readonly session: Session;
  /** The claims that name it. */
  readonly chain: readonly UserPublicKeyLink[];
  /** False: something of the account was there before. */
  readonly isNew: boolean;
}

/** Opens the account where it is. */
export async function openForSettling(
  from: AccountDeps,
  credentials: Credentials,
  signal: AbortSignal | undefined,
): Promise<{ readonly unlocked: Unlocked; readonly session: Session }> {
  const unlocked = await unlock(from, credentials, signal);
  const session = await openSession(from, unlocked.keys, signal);
  if (unlocked.state.data?.staticData !== undefined) {
    throw new MoveRefused(
      'An account of the oldest kind cannot be moved as it is. Please change its password first.',
    );
  }
  return { unlocked, session };
}

export interface Settling {
  readonly unlocked: Unlocked;
  readonly session: Session;
  readonly credentials: Credentials;
  readonly options: MoveOptions;
}

/**
 * Copies the account, verified. Neither node may answer from a cache.
 * @throws AccountIncomplete, MoveRefused, `NameTaken`, `SignUpClosed`, `QuotaExceeded`
 */
export async function settleAccount(
  from: DriveDeps,
  to: AccountDeps,
  settling: Settling,
): Promise<Settled> {
  const { options, session: opened } = settling;
  const move = await prepare(from, to, settling);
  const announced = await announce(move, options.token ?? '');
  await requireRoom(move);
  await copyAndCheck(move, announced === 'known');
  if (announced !== 'made') await renewLogin(move);
  await carryRequests(move);
  const { username, password, secondFactor } = settling.credentials;
  // Whatever was agreed to before: the new place has to show what was just brought there.
  const credentials = { username, password, secondFactor, known: knownStateOf(opened) };
  const session = await signIn(to, credentials, options.signal);
  options.signal?.throwIfAborted();
  return { session, chain: move.chain, isNew: announced !== 'known' };
}

interface Move extends Copying, NewHome {
  readonly from: DriveDeps;
  readonly signal: AbortSignal | undefined;
  readonly to: AccountDeps;
  readonly bats: NewHome['bats'];
  readonly usageBytes: number;
  readonly begin: (phase: MoveProgress['phase']) => void;
}

async function prepare(from: DriveDeps, to: AccountDeps, parts: Settling): Promise<Move> {
  const { unlocked, session, options } = parts;
  const { identity } = session;
  const auth = await signTime(identity, from.clock());
  const usageBytes = await from.node.space.usageBytes(identity.hash, auth);
  let progress = startOf('copying', usageBytes);
  return {
    from,
    to,
    identity,
    session,
    unlocked,
    usageBytes,
    signal: options.signal,
    chain: await chainNaming(from, to, session),
    bats: await listBats(from, identity),
    begin(phase) {
      progress = startOf(phase, usageBytes);
    },
    onBlock(bytes) {
      const doneBytes = progress.doneBytes + bytes;
      const totalBytes = Math.max(progress.totalBytes, doneBytes);
      const doneBlocks = progress.doneBlocks + 1;
      options.onProgress?.((progress = { ...progress, doneBytes, doneBlocks, totalBytes }));
    },
  };
}

function startOf(phase: MovePhase, totalBytes: number): MoveProgress {
  return { phase, by: 'device', doneBytes: 0, doneBlocks: 0, totalBytes };
}

async function listBats({ node, clock }: AccountDeps, identity: SigningKeyPair) {
  const auth = await signRequest(identity, BATS_LIST_PATH, clock());
  return node.bats.list(identity.hash, auth);
}

async function requireRoom({ to, identity, usageBytes }: Move): Promise<void> {
  const { space } = to.node;
  const auth = await signTime(identity, to.clock());
  const quotaBytes = await space.quotaBytes(identity.hash, auth);
  if (quotaBytes < usageBytes) throw new QuotaExceeded(usageBytes, quotaBytes);
}

/**
 * Copies, reads back, and looks whether anything was changed at the old place while it was read.
 * `mayHave`: some blocks are at the new place already.
 */
async function copyAndCheck(move: Move, mayHave: boolean): Promise<void> {
  const { from, identity, signal } = move;
  let isAsked = mayHave;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) move.begin('copying');
    const copied = await copyUntilStill(move, isAsked);
    move.begin('checking');
    const isWhole = await isReadable(move, copied);
    const now = await readPointers(from, identity.hash, signal);
    if (isWhole && isSameState(copied.pointers, now)) return;
    isAsked = isWhole;
  }
  throw new MoveRefused('The account kept changing while it was copied. Please try again.');
}

/** False: a block that was there already, and not sent again, was collected meanwhile. */
async function isReadable(move: Move, { copied, hasSpared }: Copied): Promise<boolean> {
  try {
    await readBack(move, copied);
    return true;
  } catch (error) {
    if (error instanceof BlockMissing && hasSpared) return false;
    throw error;
  }
}

interface Copied {
  /** All of the old place, and those of them that went along. */
  readonly pointers: readonly VerifiedPointer[];
  readonly copied: readonly VerifiedPointer[];
  /** Blocks that the new place had were not sent. */
  readonly hasSpared: boolean;
}

/**
 * Copies, and again what changed meanwhile, until the old place stands as it was copied.
 * @throws AccountIncomplete when blocks are lost there
 */
async function copyUntilStill(move: Move, mayHave: boolean): Promise<Copied> {
  const { from, to, identity, session, signal } = move;
  let pointers = await readPointers(from, identity.hash, signal);
  let hasSpared = false;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const signers = await signersFor(move, pointers);
    const uploads = new Uploads(to.node, identity.hash);
    const lost: Cid[] = [];
    try {
      const spared = await copyBlocks(move, pointers, uploads, mayHave || attempt > 1, lost);
      hasSpared ||= spared > 0;
      if (lost.length === 0) await copyPointers(move, pointers, signers);
    } finally {
      await uploads.close(new MoveRefused('The copy has ended.'));
    }
    const now = await readPointers(from, identity.hash, signal);
    if (isSameState(pointers, now)) {
      if (lost.length > 0) throw await whatIsHit(from, session, lost, signal);
      const copied = pointers.filter(({ writer }) => signers.has(writer.toString()));
      return { pointers, copied, hasSpared };
    }
    pointers = now;
  }
  throw new MoveRefused('The account kept changing while it was copied. Please try again.');
}

/** A space whose key is nowhere to be found may stay behind only if there is nothing in it. */
async function signersFor(
  { from, session, signal }: Move,
  pointers: readonly VerifiedPointer[],
): Promise<ReadonlyMap<string, Signer>> {
  const snapshot = new Snapshot(from, session.identity.hash);
  const used = [];
  for (const { writer } of pointers) {
    const { data } = await snapshot.state(writer, signal);
    const isEmpty = data?.tree === undefined || data.tree.equals(EMPTY_CHAMP_CID);
    if (!isEmpty) used.push(writer);
  }
  const signers = await findSigners(from, session, used, signal);
  const lost = used.find((writer) => !signers.has(writer.toString()));
  if (lost === undefined) return signers;
  throw new MoveRefused('A part of this account cannot be moved: its key is not in the account.');
}

async function carryRequests({ from, to, identity }: Move): Promise<void> {
  const auth = await signTime(identity, from.clock());
  for (const request of await from.node.inbox.list(identity.hash, auth)) {
    await to.node.inbox.send(identity.hash, request);
  }
}
