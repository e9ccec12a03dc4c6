/**
 * Relative capabilities (A-7 §2): a node as seen from a *source*, usually its parent directory.
 * Owner and, if equal, writer are inherited from the source.
 *
 * Invariant: a missing write link never means "the same write key". A write key is only ever gained
 * by opening a link with the source's own write key.
 */
import type { Random } from '#lib/bytes/index.ts';
import { asMap, cborMap, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { asKeyHash, asMapKey, CannotDecrypt, keyLink, openKeyLink } from '#lib/crypto/index.ts';
import type { Bat, KeyHash, MapKey, SymmetricKey } from '#lib/crypto/index.ts';
import { batFrom, keyFrom } from './capability.ts';
import type { Capability, ChunkLocation } from './capability.ts';
import { MalformedCapability, ReadOnlyCapability, reading, WrongKey } from './errors.ts';

export interface RelativeCapability {
  /** Only when it differs from the source's. */
  readonly writer: KeyHash | undefined;
  readonly mapKey: MapKey;
  readonly bat: Bat | undefined;
  /** Read base key; in a link to a parent, the parent's parent key. */
  readonly readKey: SymmetricKey;
  /** SymmetricLink from the source's write base key to the target's. */
  readonly writeKeyLink: CborValue | undefined;
}

/**
 * `target` as seen from the writable `source`; draws a nonce if a write link is needed.
 * Both must have one owner: anything else is a bug of the caller.
 */
export function relativise(
  source: Capability,
  target: Capability,
  random: Random,
): RelativeCapability {
  if (!source.owner.equals(target.owner)) {
    throw new Error('a capability cannot be relative to one of another owner');
  }
  return {
    writer: source.writer.equals(target.writer) ? undefined : target.writer,
    mapKey: target.mapKey,
    bat: target.bat,
    readKey: target.readKey,
    writeKeyLink: writeKeyLink(source, target, random),
  };
}

/**
 * The absolute form against `source`. Without a write key in `source`, or without a write link, the
 * result is read-only. Throws {@link WrongKey} if the write link does not open.
 */
export function resolveRelative(source: Capability, relative: RelativeCapability): Capability {
  return {
    owner: source.owner,
    writer: relative.writer ?? source.writer,
    mapKey: relative.mapKey,
    bat: relative.bat,
    readKey: relative.readKey,
    writeKey: openWriteKey(source.writeKey, relative.writeKeyLink),
  };
}

/** The `"n"` of a base block: where the next chunk of the same node lies (A-8 §3). */
export function nextChunkCapability(
  location: ChunkLocation,
  readKey: SymmetricKey,
): RelativeCapability {
  return {
    writer: undefined,
    mapKey: location.mapKey,
    bat: location.bat,
    readKey,
    writeKeyLink: undefined,
  };
}

/** Map form, keys `a k l m w` (A-7 §2). */
export function relativeToCbor(relative: RelativeCapability): CborMap {
  return cborMap(relativeFields(relative));
}

/** The fields of the map form, for formats that add their own. */
export function relativeFields(
  relative: RelativeCapability,
): readonly (readonly [string, CborValue | undefined])[] {
  return [
    ['w', relative.writer],
    ['m', relative.mapKey],
    ['a', relative.bat?.toCbor()],
    ['k', relative.readKey.toCbor()],
    ['l', relative.writeKeyLink],
  ];
}

/** Parses the map form. Throws {@link MalformedCapability}. */
export function relativeFromCbor(value: CborValue | undefined): RelativeCapability {
  return reading(MalformedCapability, () => {
    const map = asMap(value, 'A relative capability');
    const writer = optional(map, 'w');
    return {
      writer: writer === undefined ? undefined : asKeyHash(writer, 'The writer of an entry'),
      mapKey: asMapKey(optional(map, 'm'), 'The map key of an entry'),
      bat: batFrom(map),
      readKey: keyFrom(optional(map, 'k'), 'The read key of an entry'),
      writeKeyLink: optional(map, 'l'),
    };
  });
}

function writeKeyLink(source: Capability, target: Capability, random: Random) {
  if (target.writeKey === undefined) return undefined;
  if (source.writeKey === undefined) {
    throw new ReadOnlyCapability('You may not change this folder.');
  }
  if (source.writeKey.equals(target.writeKey)) return undefined;
  return keyLink(source.writeKey, target.writeKey, random);
}

function openWriteKey(sourceKey: SymmetricKey | undefined, link: CborValue | undefined) {
  if (sourceKey === undefined || link === undefined) return undefined;
  try {
    return reading(MalformedCapability, () => openKeyLink(sourceKey, link));
  } catch (error) {
    const cause = error instanceof MalformedCapability ? error.cause : error;
    if (cause instanceof CannotDecrypt) {
      throw new WrongKey('The right to write to this item cannot be unlocked.', { cause });
    }
    throw error;
  }
}
