/**
 * Second factors as they cross the wire (B-3 §3, §5): what an account has, what a login asks for and
 * how it is answered, and backup codes. Each shape has one type, one parser and one writer; parsers
 * throw `MalformedCbor`.
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
import { SecondFactorRefused } from './refusals.ts';

/** How the kinds are numbered. */
const TYPES = {
  totp: 1,
  'security-key': 2,
  'backup-codes': 3,
  mount: 4,
} as const;

export type SecondFactorKind = keyof typeof TYPES;

const KINDS = Object.keys(TYPES) as SecondFactorKind[];

/** A node offers at most ten (B-3 §5). */
const MAX_METHODS = 64;

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

/** The typed code: of an authenticator app, or a backup code. */
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

/** An answer as it is sent: a code says of which factor it is. */
export type SecondFactorResponse =
  (TypedCode & { readonly credential: Uint8Array }) | SecurityKeyProof;

/** A fresh set of backup codes, as their owner sees them once. */
export interface BackupCodes {
  readonly credential: Uint8Array;
  /** Ten codes of ten characters. */
  readonly codes: readonly string[];
}

/** What a client that does not say understands. */
const OLDEST_TYPES: ReadonlySet<number> = new Set([TYPES.totp, TYPES['security-key']]);

/** What a login is answered with: the sealed entry points, or the question for a second factor. */
export interface LoginResponse {
  readonly isOpen: boolean;
  readonly content: CborValue;
}

/** Whether one of these is proved by typing. */
export function takesCode(factors: readonly SecondFactor[]): boolean {
  return factors.some(({ kind }) => kind === 'totp' || kind === 'backup-codes');
}

/** MultiFactorAuthMethod. */
export function secondFactorToCbor(factor: SecondFactor): CborValue {
  return cborMap(secondFactorFields(factor));
}

/** The pairs of {@link secondFactorToCbor}, for callers that store more of a factor in the same map. */
export function secondFactorFields({
  kind,
  name,
  credential,
  createdDay,
  isEnabled,
}: SecondFactor): [string, CborValue][] {
  return [
    ['n', name],
    ['i', credential],
    ['c', createdDay],
    ['t', TYPES[kind]],
    ['e', isEnabled],
  ];
}

/** Reads a MultiFactorAuthMethod; `undefined` for a kind this version does not know. */
export function secondFactorFromCbor(value: CborValue): SecondFactor | undefined {
  const map = asMap(value, 'a second factor');
  const type = asInteger(field(map, 't', 'a second factor'), 'its kind');
  const kind = KINDS.find((each) => TYPES[each] === type);
  if (kind === undefined) return undefined;
  return {
    kind,
    name: asText(field(map, 'n', 'a second factor'), 'its name'),
    credential: asBytes(field(map, 'i', 'a second factor'), 'its credential id'),
    createdDay: asInteger(field(map, 'c', 'a second factor'), 'its day'),
    isEnabled: asBoolean(field(map, 'e', 'a second factor'), 'its state'),
  };
}

/** Reads a list of MultiFactorAuthMethod, leaving out kinds this version does not know. */
export function secondFactorsFromCbor(value: CborValue): SecondFactor[] {
  return asList(value, 'the second factors')
    .slice(0, MAX_METHODS)
    .flatMap((method) => secondFactorFromCbor(method) ?? []);
}

/** LoginResponse (B-3 §3). */
export function loginResponseToCbor({ isOpen, content }: LoginResponse): CborValue {
  return cborMap([
    ['a', isOpen],
    ['r', content],
  ]);
}

export function loginResponseFromCbor(value: CborValue): LoginResponse {
  const map = asMap(value, 'the login response');
  return {
    isOpen: asBoolean(field(map, 'a', 'the login response'), 'its kind'),
    content: field(map, 'r', 'the login response'),
  };
}

/** MultiFactorAuthRequest: the content of a login response that is not open (B-3 §3). */
export function challengeToCbor({ factors, challenge }: SecondFactorChallenge): CborValue {
  return cborMap([
    ['m', factors.map(secondFactorToCbor)],
    ['c', challenge],
  ]);
}

export function challengeFromCbor(value: CborValue): SecondFactorChallenge {
  const map = asMap(value, 'the question for a second factor');
  return {
    factors: secondFactorsFromCbor(field(map, 'm', 'the question for a second factor')),
    challenge: asBytes(field(map, 'c', 'the question for a second factor'), 'the challenge'),
  };
}

/**
 * The login response of which a client hears: of the factors asked for, those of the types it says it
 * understands, and never a device's (B-3 §3). All else stays as it came.
 */
export function askingForUnderstood(login: CborValue, types: string | undefined): CborValue {
  const map = asMap(login, 'the login');
  if (map.get('a') !== false) return login;
  const asked = asMap(map.get('r'), 'the second factors');
  const understood = types === undefined ? OLDEST_TYPES : new Set(types.split(',').map(Number));
  const methods = asList(asked.get('m'), 'the second factors').filter((method) => {
    const type = asInteger(asMap(method, 'a second factor').get('t'), 'a type');
    return type !== TYPES.mount && understood.has(type);
  });
  return cborMap(new Map(map).set('r', cborMap(new Map(asked).set('m', methods))));
}

/**
 * MultiFactorAuthResponse (B-3 §5) to a question for one of `factors`. Throws `SecondFactorRefused`
 * when a code was typed and none of them takes one.
 */
export function proofToCbor(proof: SecondFactorProof, factors: readonly SecondFactor[]): CborValue {
  return secondFactorResponseToCbor('code' in proof ? ofFactor(proof, factors) : proof);
}

/** Six digits are of an authenticator app, anything else is a backup code; how it is spaced is free. */
function ofFactor(proof: TypedCode, factors: readonly SecondFactor[]): SecondFactorResponse {
  const code = proof.code.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');
  const totp = factors.find(({ kind }) => kind === 'totp');
  const backup = factors.find(({ kind }) => kind === 'backup-codes');
  const factor = /^\d{6}$/u.test(code) ? (totp ?? backup) : (backup ?? totp);
  if (factor === undefined) throw new SecondFactorRefused('kind');
  return { credential: factor.credential, code };
}

/** MultiFactorAuthResponse (B-3 §5); of a security key also at its registration. */
export function secondFactorResponseToCbor(response: SecondFactorResponse): CborValue {
  const answer =
    'code' in response
      ? response.code
      : cborMap([
          ['a', response.authenticatorData],
          ['c', response.clientData],
          ['s', response.signature],
        ]);
  return cborMap([
    ['i', response.credential],
    ['r', answer],
  ]);
}

export function secondFactorResponseFromCbor(value: CborValue): SecondFactorResponse {
  const credential = respondingCredential(value);
  const answer = answerIn(value);
  if (!(answer instanceof Map)) return { credential, code: asText(answer, 'The code') };
  const signature = asBytes(field(answer, 's', KEY_ANSWER), 'The signature');
  return { credential, ...keyAnswerIn(answer), signature };
}

/** The response of a security key to its registration, which a client may leave unsigned. */
export function registrationFromCbor(value: CborValue): Omit<SecurityKeyProof, 'signature'> {
  return { credential: respondingCredential(value), ...keyAnswerIn(answerIn(value)) };
}

/** The factor a response is of, whatever else it says. */
export function respondingCredential(value: CborValue): Uint8Array {
  return asBytes(asMap(value, 'the answer').get('i'), 'the credential');
}

const RESPONSE = 'The second factor';
const KEY_ANSWER = 'The answer of a security key';

function answerIn(value: CborValue): CborValue {
  return field(asMap(value, RESPONSE), 'r', RESPONSE);
}

function keyAnswerIn(answer: CborValue) {
  const parts = asMap(answer, KEY_ANSWER);
  return {
    authenticatorData: asBytes(field(parts, 'a', KEY_ANSWER), 'The authenticator data'),
    clientData: asBytes(field(parts, 'c', KEY_ANSWER), 'The client data'),
  };
}

/** BackupCodes (B-3 §5). */
export function backupCodesToCbor({ credential, codes }: BackupCodes): CborValue {
  return cborMap([
    ['i', credential],
    ['c', [...codes]],
  ]);
}

export function backupCodesFromCbor(value: CborValue): BackupCodes {
  const what = 'the backup codes';
  const map = asMap(value, what);
  return {
    credential: asBytes(field(map, 'i', what), 'their credential id'),
    codes: asList(field(map, 'c', what), what).map((code) => asText(code, 'a backup code')),
  };
}
