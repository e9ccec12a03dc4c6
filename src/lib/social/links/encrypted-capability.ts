/**
 * A capability sealed with the passwords of its link (C-4 §4.2). The node stores it and learns
 * nothing of it; who asks for it by its label gets it, so what it says is hostile.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import { asBoolean, asMap, cborMap, field, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import {
  CannotDecrypt,
  openCbor,
  sealCbor,
  stretchPassword,
  SymmetricKey,
  type ScryptAlgorithm,
} from '#lib/crypto/index.ts';
import { capabilityFromCbor, capabilityToCbor, type Capability } from '#lib/cryptree/index.ts';
import { readingRecord } from '../records.ts';
import { BadLinkAddress, NewerLink, WrongLinkPassword } from './errors.ts';

/** Where a link is found, and what opens it. The label is scrypt's salt. */
export interface LinkSecrets {
  readonly label: bigint;
  readonly linkPassword: string;
  /** Empty: none is asked for. */
  readonly userPassword: string;
}

export interface EncryptedCapability {
  /** CipherText of the capability. */
  readonly sealed: CborValue;
  /** A person has to type one. */
  readonly asksPassword: boolean;
}

const ALGORITHM: ScryptAlgorithm = { type: 1, m: 15, c: 8, p: 1, o: 32, s: '' };
const KNOWN_FIELDS: ReadonlySet<string> = new Set(['c', 'p']);

/** @throws MalformedSocialRecord, NewerLink */
export function encryptedCapabilityFromCbor(value: CborValue): EncryptedCapability {
  const map = readingRecord('The link', () => asMap(value, 'the link'));
  if ([...map.keys()].some((key) => !KNOWN_FIELDS.has(key))) throw new NewerLink();
  return readingRecord('The link', () => {
    const asks = optional(map, 'p');
    return {
      sealed: field(map, 'c', 'the link'),
      asksPassword: asks === undefined ? false : asBoolean(asks, 'the link'),
    };
  });
}

export function encryptedCapabilityToCbor({ sealed, asksPassword }: EncryptedCapability): CborMap {
  return cborMap([
    ['c', sealed],
    ['p', asksPassword ? true : undefined],
  ]);
}

export async function encryptCapability(
  capability: Capability,
  secrets: LinkSecrets,
  random: Random,
  signal?: AbortSignal,
): Promise<EncryptedCapability> {
  const key = await linkKey(secrets, signal);
  const sealed = sealCbor(key, capabilityToCbor(capability), random);
  return { sealed, asksPassword: secrets.userPassword !== '' };
}

/**
 * Opens it. Where no person's password is asked for, one that does not fit can only be a damaged
 * address. @throws WrongLinkPassword, BadLinkAddress, MalformedSocialRecord
 */
export async function decryptCapability(
  { sealed, asksPassword }: EncryptedCapability,
  secrets: LinkSecrets,
  signal?: AbortSignal,
): Promise<Capability> {
  const userPassword = asksPassword ? secrets.userPassword : '';
  const key = await linkKey({ ...secrets, userPassword }, signal);
  try {
    return readingRecord('The link', () => capabilityFromCbor(openCbor(key, sealed)));
  } catch (error) {
    if (!(error instanceof PyrgosError && error.cause instanceof CannotDecrypt)) throw error;
    throw asksPassword ? new WrongLinkPassword() : new BadLinkAddress();
  }
}

async function linkKey(
  { label, linkPassword, userPassword }: LinkSecrets,
  signal?: AbortSignal,
): Promise<SymmetricKey> {
  const password = linkPassword + userPassword;
  return new SymmetricKey(await stretchPassword(password, label.toString(), ALGORITHM, signal));
}
