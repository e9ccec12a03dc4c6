/**
 * Capability links (A-7 §4): `#O/W/M/K` or `#O/W/M/K/B`, each part base58 without multibase prefix.
 * Such a link is the capability itself and cannot be revoked except by rotating keys. Input is
 * whatever a person pasted: hostile. Every refusal is a {@link MalformedCapability} that repeats
 * nothing of the link.
 */
import { concat, fromBase58, toBase58 } from '#lib/bytes/index.ts';
import { decodeCborPrefix, encodeCbor, SECRET_BYTES } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, Bat, SymmetricKey } from '#lib/crypto/index.ts';
import type { KeyHash, MapKey } from '#lib/crypto/index.ts';
import type { Capability } from './capability.ts';
import { MalformedCapability } from './errors.ts';

// The longest genuine link is about 330 characters; base58 costs the square of what it is given.
const LINK_MAX_CHARACTERS = 2048;

/** `#…`, to be put after the path of a web address. */
export function capabilityToLink(capability: Capability): string {
  const { mapKey, bat } = capability;
  const parts = [
    encodeCbor(capability.owner),
    encodeCbor(capability.writer),
    bat === undefined ? mapKey : concat(mapKey, encodeCbor(bat.toCbor())),
    encodeCbor(capability.readKey.toCbor()),
  ];
  if (capability.writeKey !== undefined) parts.push(encodeCbor(capability.writeKey.toCbor()));
  return `#${parts.map((part) => toBase58(part)).join('/')}`;
}

/** Parses a link with or without its `#`. Throws {@link MalformedCapability}. */
export function capabilityFromLink(link: string): Capability {
  if (link.length > LINK_MAX_CHARACTERS) throw new MalformedCapability('The link is too long.');
  const parts = (link.startsWith('#') ? link.slice(1) : link).split('/');
  const [owner, writer, location, readKey, writeKey] = parts;
  if (
    parts.length > 5 ||
    owner === undefined ||
    writer === undefined ||
    location === undefined ||
    readKey === undefined
  ) {
    throw new MalformedCapability('The link is not complete.');
  }
  try {
    return {
      owner: keyHashFrom(owner),
      writer: keyHashFrom(writer),
      ...locationFrom(location),
      readKey: SymmetricKey.fromCbor(wholeCbor(fromBase58(readKey))),
      writeKey:
        writeKey === undefined ? undefined : SymmetricKey.fromCbor(wholeCbor(fromBase58(writeKey))),
    };
  } catch {
    // The cause is dropped: its message may quote what was pasted.
    throw new MalformedCapability('The link is damaged: a part of it cannot be read.');
  }
}

function keyHashFrom(part: string): KeyHash {
  return asKeyHash(wholeCbor(fromBase58(part)), 'A key of the link');
}

function locationFrom(part: string): { mapKey: MapKey; bat: Bat | undefined } {
  const bytes = fromBase58(part);
  if (bytes.length < SECRET_BYTES) throw new MalformedCapability('The link is not complete.');
  const mapKey = bytes.slice(0, SECRET_BYTES) as MapKey;
  if (bytes.length === SECRET_BYTES) return { mapKey, bat: undefined };
  return { mapKey, bat: Bat.fromCbor(wholeCbor(bytes.subarray(SECRET_BYTES))) };
}

function wholeCbor(bytes: Uint8Array): CborValue {
  const { value, next } = decodeCborPrefix(bytes);
  if (next !== bytes.length) throw new MalformedCapability('The link has bytes too many.');
  return value;
}
