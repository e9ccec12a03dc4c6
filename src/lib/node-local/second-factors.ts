/**
 * Second factors of the local node's users: adding, enabling and removing them (B-3 §5). Every call
 * is a request signed by the identity; what it changes is not signed (B-3 §5), so each counts once.
 * Signing in with them is in second-factor-login.ts.
 */
import { equalBytes, toMultibase, utf8 } from '#lib/bytes/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import type { NewCodeFactor, NodeSecondFactors, SecondFactorAnswer } from '#lib/node/index.ts';
import {
  backupCodesToCbor,
  checkSignedRequest,
  LOGIN_WINDOW_MS,
  NotOffered,
  parseRequest,
  registrationFromCbor,
  SecondFactorRefused,
  secondFactorToCbor,
} from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { publicKeyOf } from './public-keys.ts';
import { useSignedRequest } from './signed-times.ts';
import { requiresProof, isUsable, stepOf } from './second-factor-login.ts';
import { openChallenge, setChallenge } from './second-factor-login.ts';
import { changeFactors, publicFactor, readFactors } from './second-factor-record.ts';
import type { CodeFactor, Factor, FactorRecord } from './second-factor-record.ts';
import { requireIdentity } from './users.ts';
import type { SecurityKeyRegistration } from './webauthn.ts';

const LOGIN_PATH = 'peergos/v0/login';
const MAX_FACTORS = 10;
const MAX_NAME_UNITS = 32;
const SECRET_BYTES = 32;
const BACKUP_CODES = 10;
const BACKUP_CODE_RANDOM_BYTES = 7;
const BACKUP_CODE_LETTERS = 10;
const NEVER_USED = { usedStep: 0, usedBy: undefined };
const DAY_MS = 24 * 60 * 60 * 1000;

export function createLocalSecondFactors(deps: LocalNodeDeps): NodeSecondFactors {
  const permit = async (username: string, method: string, auth: Uint8Array): Promise<void> => {
    const identity = await requireIdentity(deps, username);
    await useSignedRequest(deps, identity, auth, `${LOGIN_PATH}/${method}`);
  };
  return {
    list: async (username, auth) => {
      const identity = await publicKeyOf(deps, await requireIdentity(deps, username));
      const path = `${LOGIN_PATH}/listMfa`;
      await checkSignedRequest(identity, auth, path, deps.clock(), LOGIN_WINDOW_MS);
      const { value } = await readFactors(deps, username);
      const factors = (value?.factors ?? []).filter(isUsable).map(publicFactor);
      return factors.map(secondFactorToCbor);
    },
    addTotp: async (username, auth) => {
      await permit(username, 'addTotp', auth);
      return addCodeFactor(deps, username, 'totp', '');
    },
    enableTotp: async (username, credential, code, auth) => {
      await permit(username, 'enableTotp', auth);
      return enableCodeFactor(deps, username, 'totp', credential, code);
    },
    addMount: async (username, device, auth) => {
      await permit(username, 'addMount', auth);
      return addCodeFactor(deps, username, 'mount', device);
    },
    enableMount: async (username, credential, code, auth) => {
      await permit(username, 'enableMount', auth);
      return enableCodeFactor(deps, username, 'mount', credential, code);
    },
    generateBackupCodes: async (username, auth) => {
      await permit(username, 'genBackupCodes', auth);
      return generateBackupCodes(deps, username);
    },
    startSecurityKey: async (username, auth) => {
      await permit(username, 'registerWebauthnStart', auth);
      requireVerifier(deps);
      return setChallenge(deps, username);
    },
    completeSecurityKey: async (username, keyName, answer, auth) => {
      await permit(username, 'registerWebauthnComplete', auth);
      return completeSecurityKey(deps, username, keyName, answer);
    },
    remove: async (username, credential, auth) => {
      await permit(username, 'deleteMfa', auth);
      return changeFactors(deps, username, async (record) => removed(record, credential));
    },
  };
}

async function addCodeFactor(
  deps: LocalNodeDeps,
  username: string,
  kind: CodeFactor['kind'],
  name: string,
): Promise<NewCodeFactor> {
  requireShortName(name);
  const credential = deps.random(SECRET_BYTES);
  const secret = deps.random(SECRET_BYTES);
  return changeFactors(deps, username, async (record) => {
    // It is not listed, so it can only be removed here.
    const isAbandoned = (known: Factor) => known.kind === kind && !known.isEnabled;
    const kept = record.factors.filter((known) => !isAbandoned(known));
    const added = { ...newFactor(deps, credential), kind, name, secret, ...NEVER_USED };
    const factors = withOneMore(kept, { ...added, isEnabled: false });
    return { next: { ...record, factors }, result: { credential, secret } };
  });
}

/** An enabled authenticator app takes the place of any other one. */
async function enableCodeFactor(
  deps: LocalNodeDeps,
  username: string,
  kind: CodeFactor['kind'],
  credential: Uint8Array,
  code: string,
): Promise<boolean> {
  return changeFactors(deps, username, async (record) => {
    const factor = record.factors.find((known) => equalBytes(known.credential, credential));
    if (factor === undefined) throw new SecondFactorRefused('unknown');
    if (factor.kind !== kind) throw new SecondFactorRefused('kind');
    if (stepOf(factor, code, deps.clock()) === undefined) return { result: false };
    const factors = record.factors
      .filter((known) => known === factor || kind !== 'totp' || known.kind !== kind)
      .map((known) => (known === factor ? { ...factor, isEnabled: true } : known));
    return { next: { ...record, factors }, result: true };
  });
}

/** BackupCodes. Only their hashes are kept. */
async function generateBackupCodes(deps: LocalNodeDeps, username: string): Promise<CborValue> {
  const credential = deps.random(SECRET_BYTES);
  const codes = Array.from({ length: BACKUP_CODES }, () =>
    toMultibase(deps.random(BACKUP_CODE_RANDOM_BYTES), 'b').slice(1, 1 + BACKUP_CODE_LETTERS),
  );
  return changeFactors(deps, username, async (record) => {
    if (!record.factors.some(requiresProof)) throw new SecondFactorRefused('first-needed');
    const kept = record.factors.filter(({ kind }) => kind !== 'backup-codes');
    const codeHashes = codes.map((code) => sha256Now(utf8(code)));
    const added = { ...newFactor(deps, credential), kind: 'backup-codes' as const, codeHashes };
    const factors = withOneMore(kept, added);
    const result = backupCodesToCbor({ credential, codes });
    return { next: { ...record, factors }, result };
  });
}

async function completeSecurityKey(
  deps: LocalNodeDeps,
  username: string,
  name: string,
  answer: SecondFactorAnswer,
): Promise<boolean> {
  requireShortName(name);
  const verifier = requireVerifier(deps);
  const registration = parseRequest('The security key', () => parseRegistration(answer.response));
  return changeFactors(deps, username, async (record) => {
    const challenge = openChallenge(record, deps.clock());
    const key = await verifier.register(registration, challenge);
    const next = { ...record, challenge: undefined };
    if (key === undefined) return { next, result: false };
    const kept = record.factors.filter((known) => !equalBytes(known.credential, key.credential));
    const base = { ...newFactor(deps, key.credential), kind: 'security-key' as const, name };
    const factors = withOneMore(kept, { ...base, publicKey: key.publicKey, counter: key.counter });
    return { next: { ...next, factors }, result: true };
  });
}

function parseRegistration(response: CborValue): SecurityKeyRegistration {
  const { credential, authenticatorData, clientData } = registrationFromCbor(response);
  return { credential, attestationObject: authenticatorData, clientDataJson: clientData };
}

/** Backup codes go with the last factor that they stand in for. */
function removed(record: FactorRecord, credential: Uint8Array) {
  const rest = record.factors.filter((known) => !equalBytes(known.credential, credential));
  if (rest.length === record.factors.length) return { result: false };
  const keepsCodes = rest.some(requiresProof);
  const factors = rest.filter(({ kind }) => keepsCodes || kind !== 'backup-codes');
  return { next: { ...record, factors }, result: true };
}

function newFactor(deps: LocalNodeDeps, credential: Uint8Array) {
  const createdDay = Math.floor(deps.clock() / DAY_MS);
  return { name: '', credential, createdDay, isEnabled: true };
}

/** Counts what its owner can see; of the others there is at most one of a kind. */
function withOneMore(kept: readonly Factor[], added: Factor): readonly Factor[] {
  if (kept.filter(isUsable).length >= MAX_FACTORS) throw new SecondFactorRefused('too-many');
  return [...kept, added];
}

function requireShortName(name: string): void {
  if (name.length > MAX_NAME_UNITS) throw new SecondFactorRefused('name');
}

function requireVerifier(deps: LocalNodeDeps) {
  if (deps.webauthn !== undefined) return deps.webauthn;
  throw new NotOffered('This server does not take security keys.');
}
