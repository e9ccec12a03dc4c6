/**
 * Absolute capabilities (A-7 §1): all that is needed to find and decrypt one file or directory and
 * what lies below it.
 *
 * A capability with a write key is writable; there is no other sign of it. Input comes from blocks,
 * links and people: hostile. Errors are {@link MalformedCapability} and never hold a key.
 */
import type { Random } from '#lib/bytes/index.ts';
import { asMap, cborMap, optional, SECRET_BYTES } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import {
  asKeyHash,
  asMapKey,
  Bat,
  NULL_KEY_HASH,
  randomMapKey,
  SymmetricKey,
} from '#lib/crypto/index.ts';
import type { KeyHash, MapKey } from '#lib/crypto/index.ts';
import { MalformedCapability, reading } from './errors.ts';

/** Where a node lies and how it is opened. `readKey` of a parent capability is the parent's parent key. */
export interface Capability {
  readonly owner: KeyHash;
  readonly writer: KeyHash;
  readonly mapKey: MapKey;
  /** Absent on nodes written before access tokens existed. */
  readonly bat: Bat | undefined;
  readonly readKey: SymmetricKey;
  readonly writeKey: SymmetricKey | undefined;
}

/** Map key and BAT of one chunk: its place in a data map. */
export interface ChunkLocation {
  readonly mapKey: MapKey;
  readonly bat: Bat | undefined;
}

/** The capability that names nothing (A-7 §1). */
export const NULL_CAPABILITY: Capability = {
  owner: NULL_KEY_HASH,
  writer: NULL_KEY_HASH,
  mapKey: new Uint8Array(SECRET_BYTES) as MapKey,
  bat: undefined,
  readKey: SymmetricKey.null,
  writeKey: undefined,
};

/** Map form, keys `a b k m o w` (A-7 §1). */
export function capabilityToCbor(capability: Capability): CborMap {
  return cborMap([
    ['o', capability.owner],
    ['w', capability.writer],
    ['m', capability.mapKey],
    ['a', capability.bat?.toCbor()],
    ['k', capability.readKey.toCbor()],
    ['b', capability.writeKey?.toCbor()],
  ]);
}

/** Parses the map form. Throws {@link MalformedCapability}. */
export function capabilityFromCbor(value: CborValue | undefined): Capability {
  return reading(MalformedCapability, () => {
    const map = asMap(value, 'A capability');
    const writeKey = optional(map, 'b');
    return {
      owner: asKeyHash(optional(map, 'o'), 'The owner of a capability'),
      writer: asKeyHash(optional(map, 'w'), 'The writer of a capability'),
      mapKey: asMapKey(optional(map, 'm'), 'The map key of a capability'),
      bat: batFrom(map),
      readKey: keyFrom(optional(map, 'k'), 'The read key of a capability'),
      writeKey: writeKey === undefined ? undefined : SymmetricKey.fromCbor(writeKey),
    };
  });
}

/** The same capability without the right to write. */
export function readOnly(capability: Capability): Capability {
  return capability.writeKey === undefined ? capability : { ...capability, writeKey: undefined };
}

/** A fresh place in a data map: map key first, then BAT. */
export function randomLocation(random: Random): ChunkLocation {
  const mapKey = randomMapKey(random);
  return { mapKey, bat: Bat.random(random) };
}

/** The BAT under `"a"`, which may be absent. */
export function batFrom(map: CborMap): Bat | undefined {
  const value = optional(map, 'a');
  return value === undefined ? undefined : Bat.fromCbor(value);
}

/** A symmetric key that must be there. */
export function keyFrom(value: CborValue | undefined, what: string): SymmetricKey {
  if (value === undefined) throw new MalformedCapability(`${what} is missing.`);
  return SymmetricKey.fromCbor(value);
}
