/**
 * The second factors of one user as the node keeps them (B-3 §5), and their public form. One record
 * a user, so that every change of it, a used code among them, is one compare-and-set.
 */
import {
  asBoolean,
  asBytes,
  asInteger,
  asList,
  asMap,
  asText,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { read, replace, TABLE } from './records.ts';

export const FACTOR = { totp: 1, securityKey: 2, backupCodes: 3, mount: 4 } as const;
export type FactorType = (typeof FACTOR)[keyof typeof FACTOR];

interface FactorBase {
  readonly type: FactorType;
  readonly name: string;
  readonly credential: Uint8Array;
  /** Days since 1970. */
  readonly createdDay: number;
  readonly isEnabled: boolean;
}

/** Codes of an authenticator app, or of a mounted device. */
export interface CodeFactor extends FactorBase {
  readonly type: typeof FACTOR.totp | typeof FACTOR.mount;
  readonly secret: Uint8Array;
  /** The last step whose code signed in; of an app, earlier ones and it are worth nothing any more. */
  readonly usedStep: number;
  /** SHA-256 of the session that used it; that one may go on with the same code. */
  readonly usedBy: Uint8Array | undefined;
}

export interface BackupFactor extends FactorBase {
  readonly type: typeof FACTOR.backupCodes;
  /** SHA-256 of each code not used yet. */
  readonly codeHashes: readonly Uint8Array[];
}

export interface SecurityKeyFactor extends FactorBase {
  readonly type: typeof FACTOR.securityKey;
  /** COSE key, as the verifier gave it. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
}

export type Factor = CodeFactor | BackupFactor | SecurityKeyFactor;

export interface FactorRecord {
  readonly factors: readonly Factor[];
  /** What a security key has to sign, once and soon. */
  readonly challenge: { readonly bytes: Uint8Array; readonly expiresMs: number } | undefined;
  /** Wrong answers since a moment, so that codes cannot be tried out. */
  readonly failures: { readonly count: number; readonly sinceMs: number } | undefined;
}

/** Reads, decides and writes one user's record; `decide` throws to give up. */
export async function changeFactors<T>(
  deps: LocalNodeDeps,
  username: string,
  decide: (record: FactorRecord) => Promise<{ next?: FactorRecord; result: T }>,
): Promise<T> {
  return compareAndSet(deps.records, async () => {
    const stored = await readFactors(deps, username);
    const { next, result } = await decide(stored.value ?? NO_FACTORS);
    if (next === undefined) return { result };
    const writes = [replace(stored.entry, recordToBytes(next))];
    return { change: { expect: [stored.entry], writes }, result };
  });
}

export function readFactors(deps: LocalNodeDeps, username: string) {
  return read(deps.records, TABLE.secondFactors, username, recordFromBytes);
}

/** MultiFactorAuthMethod. A set of backup codes is named after how many are left. */
export function factorToMethod(factor: Factor): CborValue {
  const { type, credential, createdDay, isEnabled } = factor;
  const name = type === FACTOR.backupCodes ? String(factor.codeHashes.length) : factor.name;
  return cborMap([
    ['n', name],
    ['i', credential],
    ['c', createdDay],
    ['t', type],
    ['e', isEnabled],
  ]);
}

const NO_FACTORS: FactorRecord = { factors: [], challenge: undefined, failures: undefined };

function recordToBytes({ factors, challenge, failures }: FactorRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['m', factors.map(factorToCbor)],
      ['c', challenge && [challenge.bytes, challenge.expiresMs]],
      ['f', failures && [failures.count, failures.sinceMs]],
    ]),
  );
}

function recordFromBytes(bytes: Uint8Array): FactorRecord {
  const map = asMap(decodeBlock(bytes), 'The second factors');
  const challenge = optional(map, 'c');
  const failures = optional(map, 'f');
  return {
    factors: asList(field(map, 'm', 'The second factors'), 'The methods').map(factorFromCbor),
    challenge: challenge === undefined ? undefined : challengeFrom(challenge),
    failures: failures === undefined ? undefined : failuresFrom(failures),
  };
}

function challengeFrom(value: CborValue) {
  const [bytes, expiresMs] = asList(value, 'A challenge');
  return {
    bytes: asBytes(bytes, 'A challenge'),
    expiresMs: asInteger(expiresMs, 'The end of a challenge'),
  };
}

function failuresFrom(value: CborValue) {
  const [count, sinceMs] = asList(value, 'The failures');
  return { count: asInteger(count, 'The failures'), sinceMs: asInteger(sinceMs, 'The time') };
}

function factorToCbor(factor: Factor): CborValue {
  const isCode = factor.type === FACTOR.totp || factor.type === FACTOR.mount;
  return cborMap([
    ['n', factor.name],
    ['i', factor.credential],
    ['c', factor.createdDay],
    ['t', factor.type],
    ['e', factor.isEnabled],
    ['k', isCode ? factor.secret : undefined],
    ['u', isCode ? factor.usedStep : undefined],
    ['b', isCode ? factor.usedBy : undefined],
    ['h', factor.type === FACTOR.backupCodes ? factor.codeHashes : undefined],
    ['p', factor.type === FACTOR.securityKey ? factor.publicKey : undefined],
    ['s', factor.type === FACTOR.securityKey ? factor.counter : undefined],
  ]);
}

function factorFromCbor(value: CborValue): Factor {
  const map = asMap(value, 'A second factor');
  const get = (key: string) => field(map, key, 'A second factor');
  const base = {
    name: asText(get('n'), 'The name'),
    credential: asBytes(get('i'), 'The credential'),
    createdDay: asInteger(get('c'), 'The day'),
    isEnabled: asBoolean(get('e'), 'The state'),
  };
  const type = asInteger(get('t'), 'The kind of a second factor');
  if (type === FACTOR.backupCodes) {
    const hashes = asList(get('h'), 'The codes').map((hash) => asBytes(hash, 'A code'));
    return { ...base, type, codeHashes: hashes };
  }
  if (type === FACTOR.securityKey) return { ...base, type, ...securityKeyParts(map) };
  const usedBy = optional(map, 'b');
  return {
    ...base,
    type: type === FACTOR.mount ? FACTOR.mount : FACTOR.totp,
    secret: asBytes(get('k'), 'The secret'),
    usedStep: asInteger(get('u'), 'The step'),
    usedBy: usedBy === undefined ? undefined : asBytes(usedBy, 'The session'),
  };
}

function securityKeyParts(map: CborMap) {
  return {
    publicKey: asBytes(field(map, 'p', 'A security key'), 'The public key'),
    counter: asInteger(field(map, 's', 'A security key'), 'The counter'),
  };
}
