/**
 * From password to keys (A-2 §4, B-3 §1).
 *
 * The parameters are public and come from a node: hostile. Too weak ones would expose the password
 * to guessing, too dear ones would freeze the device; both are refused. Passwords are neither
 * trimmed nor normalised here; signing in tries both forms of Unicode (`account/sign-in.ts`).
 */
import { toHex, utf8 } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import {
  asInteger,
  asMap,
  asText,
  cborMap,
  field,
  MalformedCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { HarshAlgorithm } from './errors.ts';
import { scrypt, sha256Now } from './hash.ts';
import { SigningKeyPair } from './signing.ts';
import { SymmetricKey } from './symmetric.ts';

/** scrypt with N = 2^m, r = c, p, o bytes of output, and a salt after the name. */
export interface ScryptAlgorithm {
  readonly type: 1;
  readonly m: number;
  readonly c: number;
  readonly p: number;
  /** 64 today, 96 for legacy accounts, 32 for secret links. */
  readonly o: 32 | 64 | 96;
  readonly s: string;
}

/** Type 0 belongs to keys that no password leads to. */
export type GenerationAlgorithm = ScryptAlgorithm | { readonly type: 0 };

/** Keys that a password leads to. */
export interface DerivedLogin {
  /** Authenticates fetching the login record; for legacy accounts also the identity. */
  readonly login: SigningKeyPair;
  /** Opens the login record. */
  readonly root: SymmetricKey;
  /** Legacy accounts only: the Curve25519 secret. */
  readonly legacyBoxSecret?: Uint8Array;
}

const SALT_BYTES = 32;
const MIN_LOG2_N = 15;
/** No login was ever made with less; 15 belongs to secret links. */
const MIN_LOGIN_LOG2_N = 17;
const MIN_LOGIN_R = 8;
/** Hex digits. */
const MIN_SALT_UNITS = 32;
const MAX_LOG2_N = 20;
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;
/** Work is N·r·p; today's accounts need 2^20. */
const MAX_WORK = 2 ** 24;

/** What a new account uses: N = 2^17, r = 8, p = 1, and a random salt. */
export function newLoginAlgorithm(random: Random): ScryptAlgorithm {
  return { type: 1, m: 17, c: 8, p: 1, o: 64, s: toHex(random(SALT_BYTES)) };
}

/** Writes the algorithm as an identity's state shows it to everybody (A-6 §2). */
export function algorithmToCbor(algorithm: GenerationAlgorithm): CborValue {
  const { type } = algorithm;
  if (type === 0) return cborMap([['type', type]]);
  const { m, c, p, o, s } = algorithm;
  return cborMap(Object.entries({ m, c, p, o, s, type }));
}

/** Throws `MalformedCbor`, or {@link HarshAlgorithm} for parameters outside the limits. */
export function algorithmFromCbor(value: CborValue | undefined): GenerationAlgorithm {
  const what = 'the password algorithm';
  const map = asMap(value, what);
  const integer = (key: string) => asInteger(field(map, key, what), `"${key}" of ${what}`);
  const type = integer('type');
  if (type === 0) return { type };
  if (type !== 1) throw new MalformedCbor(`${what} is of an unknown type.`);
  const o = integer('o');
  if (o !== 32 && o !== 64 && o !== 96) throw new MalformedCbor(`${what} has an odd length.`);
  const salt = optional(map, 's');
  const s = salt === undefined ? '' : asText(salt, `the salt of ${what}`);
  return withinLimits({ type, m: integer('m'), c: integer('c'), p: integer('p'), o, s });
}

/**
 * Refuses what no client ever made a login with, so that a node cannot ask for keys that make the
 * password cheap to guess. Only accounts of the oldest kind, which send nothing that comes of the
 * password to sign in, may lack a salt (B-3 §7). Throws {@link HarshAlgorithm}.
 */
export function requireLoginAlgorithm(
  algorithm: GenerationAlgorithm,
  { isOldest }: { readonly isOldest: boolean },
): void {
  if (algorithm.type === 0 || algorithm.o === 32) {
    throw new HarshAlgorithm('This account cannot be opened with a password.');
  }
  const { m, c, s } = algorithm;
  const isSalted = s.length >= MIN_SALT_UNITS || isOldest;
  if (m >= MIN_LOGIN_LOG2_N && c >= MIN_LOGIN_R && isSalted) return;
  throw new HarshAlgorithm(
    'The server asks to protect this password less than any account does. Nothing was sent to it.',
  );
}

/**
 * The keys of an account. `username` and the salt of `algorithm` together are scrypt's salt.
 * Throws {@link HarshAlgorithm}; takes 128 MiB of memory with today's parameters.
 */
export async function deriveLogin(
  username: string,
  password: string,
  algorithm: GenerationAlgorithm,
  signal?: AbortSignal,
): Promise<DerivedLogin> {
  if (algorithm.type === 0 || algorithm.o === 32) {
    throw new HarshAlgorithm('This account cannot be opened with a password.');
  }
  const out = await stretchPassword(password, username + algorithm.s, algorithm, signal);
  const login = SigningKeyPair.fromSeed(out.slice(0, 32));
  const root = new SymmetricKey(out.slice(-32));
  return algorithm.o === 64 ? { login, root } : { login, root, legacyBoxSecret: out.slice(32, 64) };
}

/**
 * scrypt over the SHA-256 of the password with a text as salt; `o` bytes. The salt of `algorithm`
 * is not looked at. Throws {@link HarshAlgorithm}.
 */
export function stretchPassword(
  password: string,
  salt: string,
  algorithm: ScryptAlgorithm,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { m, c, p, o } = withinLimits(algorithm);
  const passphrase = sha256Now(utf8(password));
  return scrypt(passphrase, utf8(salt), { log2N: m, r: c, p, length: o }, signal);
}

function withinLimits(algorithm: ScryptAlgorithm): ScryptAlgorithm {
  const { m, c, p } = algorithm;
  if (m < MIN_LOG2_N) {
    throw new HarshAlgorithm('The password algorithm of this account is too weak.');
  }
  const isSane = m <= MAX_LOG2_N && c >= 1 && p >= 1;
  if (!isSane || 128 * c * 2 ** m > MAX_MEMORY_BYTES || c * p * 2 ** m > MAX_WORK) {
    throw new HarshAlgorithm(
      'The password algorithm of this account asks too much of this device.',
    );
  }
  return algorithm;
}
