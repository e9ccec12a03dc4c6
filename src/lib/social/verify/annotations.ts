/**
 * Who was verified, with which keys (C-5 §5.5): the hidden file `.annotations` of the home, one item
 * for each friend, by name. Items of others are kept as they are, whatever a client put into them.
 */
import {
  asBoolean,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  field,
  type CborMap,
  type CborValue,
} from '#lib/codec/index.ts';
import { toKeyHash, type KeyHash } from '#lib/crypto/index.ts';
import { itemsOf, itemsToBytes, readingRecord } from '../records.ts';

export const ANNOTATIONS = '.annotations';

/** The keys that are compared: of the identity, and the one that requests are boxed for. */
export interface FriendKeys {
  readonly identity: KeyHash;
  readonly boxing: KeyHash;
}

export interface FriendAnnotation {
  readonly username: string;
  readonly isVerified: boolean;
  /** The friend's keys when it was decided. */
  readonly keys: FriendKeys;
}

/** By name; the value is the item as it stands in the file. */
export type Annotations = ReadonlyMap<string, CborValue>;

/** Of several items for one name the last counts. @throws MalformedSocialRecord */
export function annotationsFromBytes(bytes: Uint8Array): Annotations {
  const what = 'The list of verified people';
  const items = itemsOf(what, bytes, (value): [string, CborValue] => {
    return [asText(field(asMap(value, what), 'u', what), what), value];
  });
  return new Map(items);
}

export function annotationsToBytes(annotations: Annotations): Uint8Array {
  const names = [...annotations.keys()].sort();
  return itemsToBytes(names.map((name) => annotations.get(name)!));
}

/** @throws MalformedSocialRecord */
export function annotationFromCbor(value: CborValue): FriendAnnotation {
  const what = 'The note of a verified person';
  return readingRecord(what, () => {
    const map = asMap(value, what);
    const keys = asList(field(map, 'k', what), what);
    return {
      username: asText(field(map, 'u', what), what),
      isVerified: asBoolean(field(map, 'v', what), what),
      keys: {
        identity: toKeyHash(asLink(keys[0], what), what),
        boxing: toKeyHash(asLink(keys[1], what), what),
      },
    };
  });
}

export function annotationToCbor({ username, isVerified, keys }: FriendAnnotation): CborMap {
  return cborMap([
    ['u', username],
    ['v', isVerified],
    ['k', [keys.identity, keys.boxing]],
  ]);
}
