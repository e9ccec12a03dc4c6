/**
 * What the owner's tree of secret links holds for a label (C-4 §4.2): the capability, sealed so that
 * the node learns nothing of it, and what the node has to check before it hands it out.
 */
import { asInteger, asMap, cborMap, field, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';

/** The labels of secret links (C-4 §4.1). */
export const LINK_LABEL_MIN = 1;
export const LINK_LABEL_MAX = 0xffff_ffff;

export interface SecretLinkTarget {
  /** EncryptedCapability, as a visitor is answered. */
  readonly capability: CborValue;
  /** UTC; after this second nobody is answered any more. */
  readonly expirySeconds: number | undefined;
  /** How many visitors are answered at most. */
  readonly maxRetrievals: number | undefined;
}

/** Parses a target. Throws `MalformedCbor`. */
export function secretLinkTargetFromCbor(value: CborValue): SecretLinkTarget {
  const what = 'The target of a secret link';
  const map = asMap(value, what);
  const number = (key: string): number | undefined => {
    const found = optional(map, key);
    return found === undefined ? undefined : asInteger(found, what);
  };
  return {
    capability: field(map, 'cap', what),
    expirySeconds: number('expiry'),
    maxRetrievals: number('max'),
  };
}

export function secretLinkTargetToCbor({
  capability,
  expirySeconds,
  maxRetrievals,
}: SecretLinkTarget): CborMap {
  return cborMap([
    ['cap', capability],
    ['expiry', expirySeconds],
    ['max', maxRetrievals],
  ]);
}
