/**
 * Moving an account to another node, with its identity and all its keys (B-2 §12): from the node of
 * this browser to a server, or between servers, as far as the person alone can do it.
 *
 * The order is what makes it safe. The new place learns of the account, takes every block, then the
 * pointers; then all of it is read back and somebody signs in there. Only then does the claim at the
 * old place name the new home. Until that moment the account lives where it was, and whatever dies
 * on the way is taken up again by the next attempt. Nothing is removed at the old place.
 *
 * Second factors stay behind: they are secrets of the old home (B-3 §5).
 */
import { EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import { readPointers, type VerifiedPointer } from '#lib/archive/index.ts';
import { cborMap, CODEC, decodeBlock, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import {
  hashBlockNow,
  signBlock,
  Signer,
  signRequest,
  signTime,
  type BatWithId,
  type KeyHash,
  type SigningKeyPair,
} from '#lib/crypto/index.ts';
import type { DriveDeps } from '#lib/drive/index.ts';
import {
  BATS_ADD_PATH,
  BATS_LIST_PATH,
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  QuotaExceeded,
  verifyClaimChain,
  type UserPublicKeyLink,
} from '#lib/node/index.ts';
import { signPointer } from '#lib/pointers/index.ts';
import { Snapshot, Uploads, type WriterData } from '#lib/writers/index.ts';
import { copyBlocks, copyPointers, readBack, type Copying } from './copy-account.ts';
import { MoveRefused } from './errors.ts';
import { loginDataToCbor } from './login-record.ts';
import { openSession, type AccountDeps, type Session } from './session.ts';
import { signIn, unlock, type Credentials, type Unlocked } from './sign-in.ts';
import { handOver, opLogToBytes } from './sign-up.ts';
import { findSigners } from './space-signers.ts';

/** An account that keeps changing is copied again this often. */
const ATTEMPTS = 5;
/** Naming another home costs no work; the proof is part of the call all the same (B-2 §5). */
const NO_WORK = { prefix: new Uint8Array(8) };

export interface MoveProgress {
  readonly phase: 'copying' | 'checking';
  readonly doneBytes: number;
  /** What the old place says the account uses: near what there will be. */
  readonly totalBytes: number;
}

export interface MoveOptions {
  /** An invitation to the new place, where one is needed. */
  readonly token?: string;
  readonly onProgress?: (progress: MoveProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Moves the account; the answer is a session at the new place. Neither node may answer from a cache.
 * @throws MoveRefused, `NameTaken`, `SignUpClosed`, `QuotaExceeded`, `WrongPassword`
 */
export async function moveAccount(
  from: DriveDeps,
  to: AccountDeps,
  credentials: Credentials,
  options: MoveOptions = {},
): Promise<Session> {
  const { signal } = options;
  const unlocked = await unlock(from, credentials, signal);
  const session = await openSession(from, unlocked.keys, signal);
  const move = await prepare(from, to, { unlocked, session, options });
  await announce(move, options.token ?? '');
  await requireRoom(move);
  await copyAndCheck(move);
  await carryRequests(move);
  const arrived = await signIn(to, credentials, signal);
  signal?.throwIfAborted();
  await from.node.names.updateChain(session.username, claimChainToCbor(move.chain), NO_WORK, '');
  return arrived;
}

interface Move extends Copying {
  readonly from: DriveDeps;
  readonly session: Session;
  readonly unlocked: Unlocked;
  /** The claims as they shall be: the last names the new home. */
  readonly chain: readonly UserPublicKeyLink[];
  readonly usageBytes: number;
  readonly begin: (phase: MoveProgress['phase']) => void;
}

interface Parts {
  readonly unlocked: Unlocked;
  readonly session: Session;
  readonly options: MoveOptions;
}

async function prepare(from: DriveDeps, to: AccountDeps, parts: Parts): Promise<Move> {
  const { unlocked, session, options } = parts;
  const { identity } = session;
  if (unlocked.state.data?.staticData !== undefined) {
    throw new MoveRefused('An account of the oldest kind cannot be moved.');
  }
  const auth = await signTime(identity, from.clock());
  const usageBytes = await from.node.space.usageBytes(identity.hash, auth);
  let progress: MoveProgress = { phase: 'copying', doneBytes: 0, totalBytes: usageBytes };
  return {
    from,
    to,
    identity,
    session,
    unlocked,
    usageBytes,
    signal: options.signal,
    chain: await newChain(from, to, session),
    bats: await listBats(from, identity),
    begin(phase) {
      progress = { phase, doneBytes: 0, totalBytes: usageBytes };
    },
    onBlock(bytes) {
      const doneBytes = progress.doneBytes + bytes;
      const totalBytes = Math.max(progress.totalBytes, doneBytes);
      options.onProgress?.((progress = { ...progress, doneBytes, totalBytes }));
    },
  };
}

/** The present claims with the last one renewed for the new home, a day later (B-2 §12). */
async function newChain(
  { node }: AccountDeps,
  to: AccountDeps,
  { username, identity }: Session,
): Promise<readonly UserPublicKeyLink[]> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  await verifyClaimChain(chain, username);
  const last = chain.at(-1);
  if (last === undefined || chain.length > 1 || !last.owner.equals(identity.hash)) {
    throw new MoveRefused('An account whose identity has changed cannot be moved.');
  }
  const home = await to.node.blocks.nodeId();
  if (last.claim.storageProviders[0]?.equals(home) === true) {
    throw new MoveRefused('This account has its home there already.');
  }
  const expiry = dayAfter(last.claim.expiry);
  return [await createClaimLink(identity, { username, expiry, storageProviders: [home] })];
}

function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

async function listBats({ node, clock }: AccountDeps, identity: SigningKeyPair) {
  const auth = await signRequest(identity, BATS_LIST_PATH, clock());
  return node.bats.list(identity.hash, auth);
}

/** Makes the account known at the new place, with a first state that leads to no file yet. */
async function announce(move: Move, token: string): Promise<void> {
  const { to, session, unlocked, bats, chain, identity, signal } = move;
  const { username } = session;
  const present = await to.node.names.publicKey(username);
  if (present !== undefined) return requireEarlierAttempt(move, present);
  const [firstBat, ...laterBats] = bats;
  if (firstBat === undefined) throw new MoveRefused('This account has no mirror BAT.');
  const { sealedSecrets } = session;
  const loginData = loginDataToCbor(username, sealedSecrets, unlocked.derived.login.publicKey);
  const operations = await firstOperations(unlocked);
  const opLog = await opLogToBytes(operations, loginData, identity, firstBat, to.clock());
  await handOver(to, { username, chain: claimChainToCbor(chain), opLog, token }, signal);
  for (const bat of laterBats) await addBat(to, identity, bat);
}

/** The account is known there already: an interrupted move is, anything else is not ours to change. */
async function requireEarlierAttempt({ to, identity, session, chain }: Move, present: KeyHash) {
  if (!present.equals(identity.hash)) {
    throw new MoveRefused('The name of this account belongs to somebody else there.');
  }
  const there = claimChainFromCbor(decodeBlock(await to.node.names.chain(session.username)));
  const [home] = there.at(-1)?.claim.storageProviders ?? [];
  const [wanted] = chain.at(-1)?.claim.storageProviders ?? [];
  if (home !== undefined && wanted?.equals(home) === true) return;
  throw new MoveRefused('This account lived there before; what it left there has to go first.');
}

async function addBat({ node, clock }: AccountDeps, identity: SigningKeyPair, bat: BatWithId) {
  await node.bats.add(identity.hash, bat, await signRequest(identity, BATS_ADD_PATH, clock()));
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
    cborMap([
      ['w', signer.hash],
      ['s', await signBlock(signer, block)],
      ['b', block],
      ['r', false],
    ]),
    cborMap([
      ['w', signer.hash],
      ['s', await signPointer(signer, update)],
    ]),
  ];
}

async function requireRoom({ to, identity, usageBytes }: Move): Promise<void> {
  const { space } = to.node;
  const auth = await signTime(identity, to.clock());
  const quotaBytes = await space.quotaBytes(identity.hash, auth);
  if (quotaBytes < usageBytes) throw new QuotaExceeded(usageBytes, quotaBytes);
}

/** Copies, reads back, and looks whether anything was changed at the old place while it was read. */
async function copyAndCheck(move: Move): Promise<void> {
  const { from, identity, signal } = move;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) move.begin('copying');
    const { pointers, copied } = await copyUntilStill(move);
    move.begin('checking');
    await readBack(move, copied);
    if (isSame(pointers, await readPointers(from, identity.hash, signal))) return;
  }
  throw new MoveRefused('The account kept changing while it was copied. Please try again.');
}

interface Copied {
  /** All of the old place, and those of them that went along. */
  readonly pointers: readonly VerifiedPointer[];
  readonly copied: readonly VerifiedPointer[];
}

/** Copies, and again what changed meanwhile, until the old place stands as it was copied. */
async function copyUntilStill(move: Move): Promise<Copied> {
  const { from, to, identity, signal } = move;
  let pointers = await readPointers(from, identity.hash, signal);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const signers = await signersFor(move, pointers);
    const uploads = new Uploads(to.node, identity.hash);
    try {
      await copyBlocks(move, pointers, uploads);
      await copyPointers(move, pointers, signers);
    } finally {
      await uploads.close(new MoveRefused('The copy has ended.'));
    }
    const now = await readPointers(from, identity.hash, signal);
    if (isSame(pointers, now)) {
      const copied = pointers.filter(({ writer }) => signers.has(writer.toString()));
      return { pointers, copied };
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

function isSame(a: readonly VerifiedPointer[], b: readonly VerifiedPointer[]): boolean {
  const texts = (all: readonly VerifiedPointer[]) =>
    all.map(({ writer, target }) => `${writer.toString()} ${target?.toString() ?? ''}`).sort();
  return texts(a).join() === texts(b).join();
}

async function carryRequests({ from, to, identity }: Move): Promise<void> {
  const auth = await signTime(identity, from.clock());
  for (const request of await from.node.inbox.list(identity.hash, auth)) {
    await to.node.inbox.send(identity.hash, request);
  }
}
