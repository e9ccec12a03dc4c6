/**
 * Moving an account by its servers (B-2 §12): the person signs the claim that names the new home, and
 * the new home fetches everything from the old one, checks it, and asks it to switch. The device
 * carries nothing; it asks again and again how far the move is, so that no connection has to last.
 * Whatever is cut off on the way, the same request goes on from there.
 */
import type { DriveDeps } from '#lib/drive/index.ts';
import { signRequest, signTime } from '#lib/crypto/index.ts';
import type { MigrationRequest, MigrationStep } from '#lib/node/index.ts';
import {
  BATS_LIST_PATH,
  claimChainToCbor,
  HomeServerAway,
  isAway,
  NameTaken,
  NotOffered,
  RateLimited,
} from '#lib/protocol/index.ts';
import { knownStateOf } from './known-state.ts';
import type { MoveOptions, MoveProgress } from './migrate-account.ts';
import { chainNaming } from './register-account.ts';
import type { AccountDeps, Session } from './session.ts';
import { signIn, type Credentials } from './sign-in.ts';

/** After an answer, and after a question that got none. */
const PAUSE_MS = { answered: 200, silent: 2_000 } as const;

export interface ServersMove {
  readonly from: DriveDeps;
  readonly to: AccountDeps;
  /** Of the account at its old home. */
  readonly session: Session;
  readonly credentials: Credentials;
  readonly options: MoveOptions;
}

/**
 * Answers a session at the new home; `undefined` where the servers cannot do it among themselves, and
 * nothing has happened.
 * @throws `SignUpClosed`, `QuotaExceeded`, `BadClaimChain`, what damage the new home finds
 */
export async function moveByServers(move: ServersMove): Promise<Session | undefined> {
  const { from, to, session, credentials, options } = move;
  const { signal } = options;
  // Its answer says what the node offers.
  await to.node.blocks.nodeIds();
  if (to.node.names.migrateInSteps === undefined) return undefined;
  const request = await requestOf(move);
  const addresses = await from.node.blocks.peerAddresses?.().catch(() => []);
  const extras = { token: options.token ?? '', addresses: addresses ?? [] };
  const step = (isCalledOff: boolean): Promise<MigrationStep> =>
    to.node.names.migrateInSteps!(
      request,
      { ...extras, isCalledOff },
      isCalledOff ? undefined : signal,
    );
  try {
    if (!(await untilDone(step, options))) return undefined;
  } catch (error) {
    if (signal?.aborted === true) await step(true).catch(() => undefined);
    // An earlier attempt by the device left the account there: it is for that way to go on.
    if (error instanceof NotOffered || error instanceof NameTaken) return undefined;
    throw error;
  }
  const { username, password, secondFactor } = credentials;
  const known = knownStateOf(session);
  return signIn(to, { username, password, secondFactor, known }, signal);
}

async function requestOf({ from, to, session }: ServersMove): Promise<MigrationRequest> {
  const { identity, username } = session;
  const owner = identity.hash;
  const { node, clock } = from;
  const chain = await chainNaming(from, to, session);
  const currentNode = await node.blocks.nodeId();
  const auth = await signTime(identity, clock());
  const usageBytes = await node.space.usageBytes(owner, auth);
  const bats = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, clock()));
  return {
    username,
    chain: claimChainToCbor(chain),
    currentNode,
    mirrorBat: bats.at(-1),
    linkCountsAfterSeconds: 0,
    usageBytes,
    isCommit: true,
  };
}

/** False: the new home cannot reach the old one, or finds damage, which the device can name. */
async function untilDone(
  step: (isCalledOff: boolean) => Promise<MigrationStep>,
  { signal, onProgress }: MoveOptions,
): Promise<boolean> {
  let last: MigrationStep = { phase: 'copying', doneBytes: 0, doneBlocks: 0, totalBytes: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const answer = await stepUnlessSilent(step);
    if (answer?.phase === 'unreachable' || answer?.phase === 'damaged') return false;
    last = answer ?? { ...last, phase: 'waiting' };
    if (last.totalBytes > 0) onProgress?.(progressOf(last));
    if (last.phase === 'done') return true;
    await pause(answer === undefined ? PAUSE_MS.silent : PAUSE_MS.answered, signal);
  }
}

/** `undefined`: no answer, or the new home has too much to do. */
async function stepUnlessSilent(
  step: (isCalledOff: boolean) => Promise<MigrationStep>,
): Promise<MigrationStep | undefined> {
  try {
    return await step(false);
  } catch (error) {
    const isBusy = error instanceof RateLimited || error instanceof HomeServerAway;
    if (isBusy || isAway(error)) return undefined;
    throw error;
  }
}

function progressOf({ phase, doneBytes, totalBytes, doneBlocks }: MigrationStep): MoveProgress {
  const told = phase === 'copying' || phase === 'waiting' ? phase : 'switching';
  return { phase: told, doneBytes, totalBytes, doneBlocks, by: 'servers' };
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}
