/**
 * Second factors as a login meets them (B-3 §3, §5): what the node asks for, and how an answer is
 * written. What a node sends is hostile; kinds this version does not know are left out.
 */
import type { PyrgosError } from '#lib/bytes/index.ts';
import {
  asBoolean,
  asBytes,
  asInteger,
  asList,
  asMap,
  asText,
  cborMap,
  field,
  type CborValue,
} from '#lib/codec/index.ts';
import { SecondFactorRefused } from '#lib/protocol/index.ts';

const KIND_OF_TYPE = new Map<number, SecondFactorKind>([
  [1, 'totp'],
  [2, 'security-key'],
  [3, 'backup-codes'],
  [4, 'mount'],
]);

/** A node offers at most ten (B-3 §5). */
const MAX_METHODS = 64;

export type SecondFactorKind = 'totp' | 'security-key' | 'backup-codes' | 'mount';

/** One second factor of an account. */
export interface SecondFactor {
  readonly kind: SecondFactorKind;
  /** What its owner called it; of backup codes, how many are left. */
  readonly name: string;
  readonly credential: Uint8Array;
  /** Days since 1970. */
  readonly createdDay: number;
  readonly isEnabled: boolean;
}

/** The node wants one of these before it hands out the login record. */
export interface SecondFactorChallenge {
  readonly factors: readonly SecondFactor[];
  /** What a security key signs, 32 bytes. */
  readonly challenge: Uint8Array;
  /** Why the node did not take the answer before; absent when it asks for the first time. */
  readonly refusal?: PyrgosError;
}

/** What somebody typed: of an authenticator app, or a backup code. */
export interface TypedCode {
  readonly code: string;
}

/** What a security key answered. */
export interface SecurityKeyProof {
  readonly credential: Uint8Array;
  /** At sign-in the authenticator data, at registration the attestation object. */
  readonly authenticatorData: Uint8Array;
  readonly clientData: Uint8Array;
  readonly signature: Uint8Array;
}

export type SecondFactorProof = TypedCode | SecurityKeyProof;

/** Whether one of these is proved by typing. */
export function takesCode(factors: readonly SecondFactor[]): boolean {
  return factors.some(({ kind }) => kind === 'totp' || kind === 'backup-codes');
}

/** Reads a list of MultiFactorAuthMethod. Throws `MalformedCbor`. */
export function secondFactorsFromCbor(value: CborValue): SecondFactor[] {
  return asList(value, 'the second factors')
    .slice(0, MAX_METHODS)
    .flatMap((method) => {
      const map = asMap(method, 'a second factor');
      const kind = KIND_OF_TYPE.get(asInteger(field(map, 't', 'a second factor'), 'its kind'));
      if (kind === undefined) return [];
      return {
        kind,
        name: asText(field(map, 'n', 'a second factor'), 'its name'),
        credential: asBytes(field(map, 'i', 'a second factor'), 'its credential id'),
        createdDay: asInteger(field(map, 'c', 'a second factor'), 'its day'),
        isEnabled: asBoolean(field(map, 'e', 'a second factor'), 'its state'),
      };
    });
}

/** Reads the second form of LoginResponse's `r` (B-3 §3). Throws `MalformedCbor`. */
export function challengeFromCbor(value: CborValue): SecondFactorChallenge {
  const map = asMap(value, 'the question for a second factor');
  return {
    factors: secondFactorsFromCbor(field(map, 'm', 'the question for a second factor')),
    challenge: asBytes(field(map, 'c', 'the question for a second factor'), 'the challenge'),
  };
}

/**
 * MultiFactorAuthResponse (B-3 §5) to a question for one of `factors`. Throws `SecondFactorRefused`
 * when a code was typed and none of them takes one.
 */
export function proofToCbor(proof: SecondFactorProof, factors: readonly SecondFactor[]): CborValue {
  return 'code' in proof ? codeToCbor(proof, factors) : keyProofToCbor(proof);
}

/** The answer of a security key, also at its registration. */
export function keyProofToCbor(proof: SecurityKeyProof): CborValue {
  const answer = cborMap([
    ['a', proof.authenticatorData],
    ['c', proof.clientData],
    ['s', proof.signature],
  ]);
  return responseToCbor(proof.credential, answer);
}

/** Six digits are of an authenticator app, anything else is a backup code; how it is spaced is free. */
function codeToCbor({ code: typed }: TypedCode, factors: readonly SecondFactor[]): CborValue {
  const code = typed.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');
  const totp = factors.find(({ kind }) => kind === 'totp');
  const backup = factors.find(({ kind }) => kind === 'backup-codes');
  const factor = /^\d{6}$/u.test(code) ? (totp ?? backup) : (backup ?? totp);
  if (factor === undefined) throw new SecondFactorRefused('kind');
  return responseToCbor(factor.credential, code);
}

function responseToCbor(credential: Uint8Array, answer: CborValue): CborValue {
  return cborMap([
    ['i', credential],
    ['r', answer],
  ]);
}
