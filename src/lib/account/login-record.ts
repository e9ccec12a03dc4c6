/**
 * The login record (A-6 §7, B-3 §2): where an account's keys lie, sealed under the root key that
 * the password leads to. It comes from a node: hostile until it opened.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  asInteger,
  asList,
  asMap,
  cborMap,
  field,
  optional,
  type CborValue,
} from '#lib/codec/index.ts';
import {
  BoxingKeyPair,
  openCbor,
  sealCbor,
  SigningKeyPair,
  type SymmetricKey,
} from '#lib/crypto/index.ts';
import { entryPointFromCbor, entryPointToCbor, type EntryPoint } from '#lib/cryptree/index.ts';
import { MalformedAccount } from './errors.ts';

const VERSION = 2;
/** Block of the padding (A-6 §7). */
const PADDED_BYTES = 4096;

/** What the record holds. Legacy accounts have neither pair in it (B-3 §7). */
export interface LoginSecrets {
  readonly entries: readonly EntryPoint[];
  readonly boxing?: BoxingKeyPair | undefined;
  readonly identity?: SigningKeyPair;
}

/** Seals the record: UserStaticData. */
export function sealLoginSecrets(
  root: SymmetricKey,
  { entries, boxing, identity }: LoginSecrets,
  random: Random,
): CborValue {
  const plain = cborMap([
    ['v', VERSION],
    ['e', entries.map(entryPointToCbor)],
    ['b', boxing?.toCbor()],
    ['i', identity?.toCbor()],
  ]);
  return sealCbor(root, plain, random, PADDED_BYTES);
}

/** Opens UserStaticData. Throws `CannotDecrypt` for another root key, MalformedAccount. */
export function openLoginSecrets(root: SymmetricKey, sealed: CborValue): LoginSecrets {
  const map = asMap(openCbor(root, sealed), 'the login record');
  if (asInteger(field(map, 'v', 'the login record'), 'its version') > VERSION) {
    throw new MalformedAccount('This account was changed by a newer version. Please update.');
  }
  const entries = asList(field(map, 'e', 'the login record'), 'its entry points');
  const boxing = optional(map, 'b');
  const identity = optional(map, 'i');
  return {
    entries: entries.map(entryPointFromCbor),
    ...(boxing === undefined ? {} : { boxing: BoxingKeyPair.fromCbor(boxing) }),
    ...(identity === undefined ? {} : { identity: SigningKeyPair.fromCbor(identity) }),
  };
}
