/**
 * The second round of a sign-in (B-3 §3, §5). Asked only after the password was shown.
 *
 * Tighter than the reference: a challenge is answered once and soon, a code that a person reads
 * signs in once, and wrong answers are limited. Answers are hostile.
 */
import { equalBytes, equalConstantTime, utf8 } from '#lib/bytes/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { codeStartMs, codeStepAt, oneTimeCode, sha256Now } from '#lib/crypto/index.ts';
import type { SecondFactorAnswer } from '#lib/node/index.ts';
import {
  challengeToCbor,
  parseRequest,
  RateLimited,
  secondFactorResponseFromCbor,
  SecondFactorRefused,
} from '#lib/protocol/index.ts';
import type { SecondFactorResponse } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { changeFactors, publicFactor, readFactors } from './second-factor-record.ts';
import type { BackupFactor, CodeFactor, Factor, FactorRecord } from './second-factor-record.ts';
import type { SecurityKeyFactor } from './second-factor-record.ts';

const CHALLENGE_BYTES = 32;
const CHALLENGE_MS = 5 * 60 * 1000;
/** Wrong answers before one has to wait: a code of six digits must not be found by trying. */
const MAX_FAILURES = 10;
const FAILURES_MS = 10 * 60 * 1000;

/** MultiFactorAuthRequest that a sign-in has to answer, or `undefined` when it may go on. */
export async function challengeSecondFactor(
  deps: LocalNodeDeps,
  username: string,
  answer: SecondFactorAnswer | undefined,
): Promise<CborValue | undefined> {
  const { value } = await readFactors(deps, username);
  const enabled = value?.factors.filter(isUsable) ?? [];
  if (!enabled.some(requiresProof)) return undefined;
  if (answer !== undefined) {
    await passSecondFactor(deps, username, answer);
    return undefined;
  }
  const factors = enabled.filter(({ kind }) => kind !== 'mount').map(publicFactor);
  return challengeToCbor({ factors, challenge: await setChallenge(deps, username) });
}

/** A sign-in asks for a second factor when one of these is enabled. */
export function requiresProof({ kind, isEnabled }: Factor): boolean {
  return isEnabled && (kind === 'totp' || kind === 'security-key');
}

/** Makes *the* challenge of a user; a former one is worth nothing any more. */
export async function setChallenge(deps: LocalNodeDeps, username: string): Promise<Uint8Array> {
  const bytes = deps.random(CHALLENGE_BYTES);
  const challenge = { bytes, expiresMs: deps.clock() + CHALLENGE_MS };
  await changeFactors(deps, username, async (record) => ({
    next: { ...record, challenge },
    result: undefined,
  }));
  return bytes;
}

/** The open challenge. Throws {@link SecondFactorRefused}. */
export function openChallenge(record: FactorRecord, nowMs: number): Uint8Array {
  const { challenge } = record;
  if (challenge !== undefined && nowMs <= challenge.expiresMs) return challenge.bytes;
  throw new SecondFactorRefused('challenge');
}

/** The step a code is of: this one or the one before. Whether it was used is another question. */
export function stepOf({ secret }: CodeFactor, code: string, nowMs: number): number | undefined {
  const now = codeStepAt(nowMs);
  return [now, now - 1].find((step) =>
    equalConstantTime(utf8(oneTimeCode(secret, step)), utf8(code)),
  );
}

/** Neither waiting for its first code nor used up: what the person has, and what is listed (B-3 §3). */
export function isUsable(factor: Factor): boolean {
  return factor.isEnabled && (factor.kind !== 'backup-codes' || factor.codeHashes.length > 0);
}

async function passSecondFactor(
  deps: LocalNodeDeps,
  username: string,
  { response, session }: SecondFactorAnswer,
): Promise<void> {
  const usedBy = session && sha256Now(session);
  const proof = parseRequest('The second factor', () => secondFactorResponseFromCbor(response));
  const nowMs = deps.clock();
  const refusal = await changeFactors(deps, username, async (record) => {
    requireFewFailures(record, nowMs);
    const factor = record.factors.find(
      (known) => isUsable(known) && equalBytes(known.credential, proof.credential),
    );
    const used = await tryFactor(deps, record, factor, { proof, usedBy });
    if (used instanceof SecondFactorRefused) {
      return { next: { ...record, failures: oneMore(record, nowMs) }, result: used };
    }
    const factors = record.factors.map((known) => (known === factor ? used : known));
    const isKey = used.kind === 'security-key';
    const challenge = isKey ? undefined : record.challenge;
    return { next: { factors, challenge, failures: undefined }, result: undefined };
  });
  if (refusal !== undefined) throw refusal;
}

function requireFewFailures({ failures }: FactorRecord, nowMs: number): void {
  if (failures === undefined || nowMs - failures.sinceMs > FAILURES_MS) return;
  if (failures.count >= MAX_FAILURES) throw new RateLimited('requests');
}

function oneMore({ failures }: FactorRecord, nowMs: number) {
  const isRecent = failures !== undefined && nowMs - failures.sinceMs <= FAILURES_MS;
  return isRecent ? { ...failures, count: failures.count + 1 } : { count: 1, sinceMs: nowMs };
}

/** The factor as it is after it was used, or why it was not accepted. */
async function tryFactor(
  deps: LocalNodeDeps,
  record: FactorRecord,
  factor: Factor | undefined,
  { proof, usedBy }: { proof: SecondFactorResponse; usedBy: Uint8Array | undefined },
): Promise<Factor | SecondFactorRefused> {
  if (factor === undefined) return new SecondFactorRefused('unknown');
  if (factor.kind === 'security-key') return trySecurityKey(deps, record, factor, proof);
  if (!('code' in proof)) return new SecondFactorRefused('kind');
  return factor.kind === 'backup-codes'
    ? tryBackupCode(factor, proof.code)
    : tryCode(factor, { code: proof.code, usedBy }, deps.clock());
}

/**
 * A code that a person reads counts once: who saw it elsewhere comes too late. The client that used
 * it may go on with it, as it does to change a password right after signing in; it shows that it is
 * the same one by random bytes it told nobody else. A device signs in twice in a row when it mounts;
 * its codes are read by nobody, and it cannot wait.
 */
function tryCode(
  factor: CodeFactor,
  { code, usedBy }: { readonly code: string; readonly usedBy: Uint8Array | undefined },
  nowMs: number,
): Factor | SecondFactorRefused {
  const step = stepOf(factor, code, nowMs);
  if (step === undefined) return new SecondFactorRefused('code');
  if (step > factor.usedStep || factor.kind === 'mount') {
    return { ...factor, usedStep: Math.max(step, factor.usedStep), usedBy };
  }
  const isSame =
    step === factor.usedStep &&
    usedBy !== undefined &&
    factor.usedBy !== undefined &&
    equalConstantTime(usedBy, factor.usedBy);
  if (isSame) return factor;
  const waitMs = codeStartMs(factor.usedStep + 1) - nowMs;
  return new SecondFactorRefused('used', { waitSeconds: Math.max(0, Math.ceil(waitMs / 1000)) });
}

function tryBackupCode(factor: BackupFactor, code: string): Factor | SecondFactorRefused {
  const hash = sha256Now(utf8(code.toLowerCase().replaceAll(/[^a-z2-7]/gu, '')));
  const codeHashes = factor.codeHashes.filter((left) => !equalConstantTime(left, hash));
  if (codeHashes.length === factor.codeHashes.length) return new SecondFactorRefused('backup-code');
  return { ...factor, codeHashes };
}

async function trySecurityKey(
  deps: LocalNodeDeps,
  record: FactorRecord,
  factor: SecurityKeyFactor,
  proof: SecondFactorResponse,
): Promise<Factor | SecondFactorRefused> {
  if ('code' in proof) return new SecondFactorRefused('kind');
  const challenge = openChallenge(record, deps.clock());
  const { authenticatorData, clientData: clientDataJson, signature } = proof;
  const assertion = { authenticatorData, clientDataJson, signature };
  const counter = await deps.webauthn?.verify(factor, assertion, challenge);
  return counter === undefined ? new SecondFactorRefused('security-key') : { ...factor, counter };
}
