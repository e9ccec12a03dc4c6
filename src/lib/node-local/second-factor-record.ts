/**
 * The second factors of one user as the node keeps them (B-3 §5), and their public form. One record
 * a user, so that every change of it, a used code among them, is one compare-and-set.
 */
import {
  asBytes,
  asInteger,
  asList,
  asMap,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
  MalformedCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { secondFactorFields, secondFactorFromCbor } from '#lib/protocol/index.ts';
import type { SecondFactor } from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { read, replace, TABLE } from './records.ts';

/** Codes of an authenticator app, or of a mounted device. */
export interface CodeFactor extends SecondFactor {
  readonly kind: 'totp' | 'mount';
  readonly secret: Uint8Array;
  /** The last step whose code signed in; of an app, earlier ones and it are worth nothing any more. */
  readonly usedStep: number;
  /** SHA-256 of the session that used it; that one may go on with the same code. */
  readonly usedBy: Uint8Array | undefined;
}

export interface BackupFactor extends SecondFactor {
  readonly kind: 'backup-codes';
  /** SHA-256 of each code not used yet. */
  readonly codeHashes: readonly Uint8Array[];
}

export interface SecurityKeyFactor extends SecondFactor {
  readonly kind: 'security-key';
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

/** The public form of a factor: the name of a set of backup codes is the number that is left. */
export function publicFactor(factor: Factor): SecondFactor {
  if (factor.kind !== 'backup-codes') return factor;
  return { ...factor, name: String(factor.codeHashes.length) };
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
  const isCode = factor.kind === 'totp' || factor.kind === 'mount';
  return cborMap([
    ...secondFactorFields(factor),
    ['k', isCode ? factor.secret : undefined],
    ['u', isCode ? factor.usedStep : undefined],
    ['b', isCode ? factor.usedBy : undefined],
    ['h', factor.kind === 'backup-codes' ? factor.codeHashes : undefined],
    ['p', factor.kind === 'security-key' ? factor.publicKey : undefined],
    ['s', factor.kind === 'security-key' ? factor.counter : undefined],
  ]);
}

function factorFromCbor(value: CborValue): Factor {
  const map = asMap(value, 'A second factor');
  const factor = secondFactorFromCbor(value);
  if (factor === undefined) throw new MalformedCbor('A second factor is of an unknown kind.');
  const { kind, ...base } = factor;
  if (kind === 'backup-codes') {
    const hashes = asList(field(map, 'h', 'A second factor'), 'The codes');
    return { ...base, kind, codeHashes: hashes.map((hash) => asBytes(hash, 'A code')) };
  }
  if (kind === 'security-key') return { ...base, kind, ...securityKeyParts(map) };
  const usedBy = optional(map, 'b');
  return {
    ...base,
    kind,
    secret: asBytes(field(map, 'k', 'A second factor'), 'The secret'),
    usedStep: asInteger(field(map, 'u', 'A second factor'), 'The step'),
    usedBy: usedBy === undefined ? undefined : asBytes(usedBy, 'The session'),
  };
}

function securityKeyParts(map: CborMap) {
  return {
    publicKey: asBytes(field(map, 'p', 'A security key'), 'The public key'),
    counter: asInteger(field(map, 's', 'A security key'), 'The counter'),
  };
}
