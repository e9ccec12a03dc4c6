/**
 * Making an account (B-2 §6, B-4): everything is drawn and built here, then handed to the node in
 * one call. If that call fails there is no account; there is nothing to clean up.
 */
import { cborMap, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import {
  algorithmToCbor,
  BoxingKeyPair,
  deriveLogin,
  newLoginAlgorithm,
  signDetached,
  SigningKeyPair,
  solveProofOfWork,
  type BatWithId,
  type ScryptAlgorithm,
} from '#lib/crypto/index.ts';
import { type ProofOfWork, type SignUpRequest } from '#lib/node/index.ts';
import {
  BadName,
  claimChainToCbor,
  createClaimLink,
  isValidUsername,
  loginDataToCbor,
  NameTaken,
  OP_LOG_MAX_BYTES,
  RateLimited,
  WorkRequired,
} from '#lib/protocol/index.ts';
import { claimExpiry } from './claim-renewal.ts';
import { sealLoginSecrets } from './login-record.ts';
import { buildNewSpace } from './initial-state.ts';
import { requireGoodPassword } from './password-rules.ts';
import {
  authoriseMirrorBat,
  createMirrorBat,
  openSession,
  type AccountDeps,
  type Session,
} from './session.ts';
import type { Credentials } from './sign-in.ts';

export interface NewAccount extends Credentials {
  /** Today's cost and a fresh salt unless a test says otherwise. */
  readonly algorithm?: ScryptAlgorithm;
  /** An invitation, where the server wants one (B-2 §6.4). */
  readonly token?: string;
}

/** Throws `BadName`, `NameTaken`, `SignUpClosed`, `RateLimited`, PasswordRefused. */
export async function signUp(
  deps: AccountDeps,
  account: NewAccount,
  signal?: AbortSignal,
): Promise<Session> {
  const { username, password } = account;
  if (!isValidUsername(username)) {
    throw new BadName('A name has 1 to 32 small letters, digits and single hyphens between them.');
  }
  await requireGoodPassword(password, username);
  if ((await deps.node.names.publicKey(username)) !== undefined) {
    throw new NameTaken('This name is taken. Please choose another one.');
  }
  const algorithm = account.algorithm ?? newLoginAlgorithm(deps.random);
  const derived = await deriveLogin(username, password, algorithm, signal);
  const identity = SigningKeyPair.random(deps.random);
  const boxing = BoxingKeyPair.random(deps.random);
  const homeWriter = SigningKeyPair.random(deps.random);
  const mirrorBat = createMirrorBat(deps.random);
  const keys = { identity, boxing, homeWriter, mirrorBat };
  const nowMs = deps.clock();
  const space = await buildNewSpace(deps, username, algorithm, keys);
  const entries = [{ capability: space.home, username }];
  const sealedSecrets = sealLoginSecrets(derived.root, { entries, boxing, identity }, deps.random);
  const loginData = loginDataToCbor(username, sealedSecrets, derived.login.publicKey);
  const opLog = await opLogToBytes(space.operations, loginData, identity, mirrorBat, nowMs);
  const chain = claimChainToCbor([await claimLink(deps, username, identity, nowMs)]);
  signal?.throwIfAborted();
  await handOver(deps, { username, chain, opLog, token: account.token ?? '' }, signal);
  return openSession(deps, {
    username,
    identity,
    boxing,
    entries,
    rootKey: derived.root,
    sealedSecrets,
    algorithm: algorithmToCbor(algorithm),
  });
}

/** The one call. */
export async function handOver(
  { node }: AccountDeps,
  request: Omit<SignUpRequest, 'work'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const send = (work: ProofOfWork) => node.accounts.signUp({ ...request, work });
  await withProofOfWork(request.chain, send, signal);
}

/**
 * Registers a chain. A server under load asks for work; what it asks for is done once, and if it
 * then asks for more it is too busy (B-2 §5).
 */
export async function withProofOfWork(
  chain: CborValue,
  send: (work: ProofOfWork) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const data = encodeCbor(chain);
  const sendWith = async (difficultyBits: number): Promise<void> => {
    await send({ prefix: await solveProofOfWork(difficultyBits, data, signal) });
  };
  try {
    await sendWith(0);
  } catch (error) {
    if (!(error instanceof WorkRequired)) throw error;
    await sendWith(error.difficultyBits).catch(reportOverload);
  }
}

function reportOverload(error: unknown): never {
  if (error instanceof WorkRequired) throw new RateLimited('requests', { cause: error });
  throw error;
}

/** OpLog (B-2 §6.1). */
export async function opLogToBytes(
  operations: readonly CborValue[],
  loginData: CborValue,
  identity: SigningKeyPair,
  mirrorBat: BatWithId,
  nowMs: number,
): Promise<Uint8Array> {
  const opLog = encodeCbor(
    cborMap([
      ['ops', operations],
      ['login', loginData],
      ['loginAuth', await signDetached(identity, encodeCbor(loginData))],
      ['b', mirrorBat.toCbor()],
      ['a', await authoriseMirrorBat(identity, nowMs)],
    ]),
  );
  if (opLog.length > OP_LOG_MAX_BYTES) throw new RangeError('a sign-up has grown too large');
  return opLog;
}

/** The first claim to a name: this node, for two months (B-2 §3). */
async function claimLink(
  deps: AccountDeps,
  username: string,
  identity: SigningKeyPair,
  nowMs: number,
) {
  return createClaimLink(identity, {
    username,
    expiry: claimExpiry(nowMs),
    storageProviders: [await deps.node.blocks.nodeId()],
  });
}
