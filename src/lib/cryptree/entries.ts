/**
 * Named capabilities (A-7 §3): the entries of a directory's child list, entry points, locations.
 *
 * A child list is written by everyone who may write to the directory, so each entry is judged
 * alone: one that cannot be read is described and kept, byte for byte, beside its siblings. It can
 * then be shown and removed, and rewriting the list loses nothing.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  asBigint,
  asBoolean,
  asList,
  asMap,
  asText,
  cborMap,
  encodeCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { toHex } from '#lib/bytes/index.ts';
import { asKeyHash, asMapKey } from '#lib/crypto/index.ts';
import type { KeyHash, MapKey } from '#lib/crypto/index.ts';
import { capabilityFromCbor, capabilityToCbor } from './capability.ts';
import type { Capability } from './capability.ts';
import { BadFileName, MalformedCapability, reading } from './errors.ts';
import { checkStorableName } from './names.ts';
import { relativeFields, relativeFromCbor } from './relative.ts';
import type { RelativeCapability } from './relative.ts';

/** What an entry says about its child before the child is opened. Hints: the truth is in the child. */
export interface EntryHints {
  readonly isDirectory: boolean | undefined;
  readonly mimeType: string | undefined;
  readonly createdSeconds: number | bigint | undefined;
}

/** NamedRelativeCapability: one entry of a child list. */
export interface NamedEntry extends EntryHints {
  readonly capability: RelativeCapability;
  readonly name: string;
}

/** NamedAbsoluteCapability. */
export interface NamedCapability extends EntryHints {
  readonly capability: Capability;
  readonly name: string;
}

/** An entry that breaks a rule. `raw` is its value as found; what else could be read is given. */
export interface UnreadableEntry {
  readonly reason: PyrgosError;
  readonly raw: CborValue;
  readonly name: string | undefined;
  readonly mapKey: MapKey | undefined;
  /** Only when it differs from the directory's. */
  readonly writer: KeyHash | undefined;
}

/** The child list of one directory chunk, sorted by what could be made of it. */
export interface Children {
  readonly entries: readonly NamedEntry[];
  /** Entries of the legacy form: their names are in the children's own properties. */
  readonly unnamed: readonly RelativeCapability[];
  readonly unreadable: readonly UnreadableEntry[];
}

/** What a child list can be rewritten from. */
export type ChildToWrite = NamedEntry | UnreadableEntry;

/** Sorts a decoded child list. Throws {@link MalformedCapability} only if it is no list at all. */
export function childrenFromCbor(list: CborValue): Children {
  const entries: NamedEntry[] = [];
  const unnamed: RelativeCapability[] = [];
  const unreadable: UnreadableEntry[] = [];
  const names = new Set<string>();
  for (const raw of reading(MalformedCapability, () => asList(list, 'The list of children'))) {
    try {
      if (isUnnamed(raw)) {
        unnamed.push(relativeFromCbor(raw));
        continue;
      }
      const entry = namedEntryFromCbor(raw);
      if (names.has(entry.name)) throw new BadFileName('Two entries have the same name.');
      names.add(entry.name);
      entries.push(entry);
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      unreadable.push(describeUnreadable(raw, error));
    }
  }
  return { entries, unnamed, unreadable };
}

/** The value of a child list; unreadable entries keep their bytes. */
export function childrenToCbor(children: readonly ChildToWrite[]): CborValue {
  return children.map((child) => ('raw' in child ? child.raw : namedEntryToCbor(child)));
}

/** The place of an entry as text: equal exactly for entries that lead to the same chunk (A-8 §8). */
export function placeOf(entry: { mapKey: MapKey; writer: KeyHash | undefined }): string {
  return `${entry.writer === undefined ? '' : entry.writer.toString()}/${toHex(entry.mapKey)}`;
}

/** True if both stand for the same entry: by place, or by content where there is none to read. */
export function isSameEntry(a: ChildToWrite, b: ChildToWrite): boolean {
  if ('raw' in a && 'raw' in b) return toHex(encodeCbor(a.raw)) === toHex(encodeCbor(b.raw));
  if ('raw' in a || 'raw' in b) return false;
  return placeOf(a.capability) === placeOf(b.capability);
}

/** Map form of a directory entry (A-7 §3). */
export function namedEntryToCbor(entry: NamedEntry): CborMap {
  checkStorableName(entry.name);
  return cborMap([...relativeFields(entry.capability), ...nameFields(entry)]);
}

/** Parses a directory entry. Throws {@link MalformedCapability} or {@link BadFileName}. */
export function namedEntryFromCbor(value: CborValue): NamedEntry {
  const capability = relativeFromCbor(value);
  return { capability, ...nameFrom(value) };
}

/** Map form of a NamedAbsoluteCapability (A-7 §3). */
export function namedCapabilityToCbor(named: NamedCapability): CborMap {
  checkStorableName(named.name);
  return cborMap([...capabilityToCbor(named.capability), ...nameFields(named)]);
}

/** Parses a NamedAbsoluteCapability. Throws {@link MalformedCapability} or {@link BadFileName}. */
export function namedCapabilityFromCbor(value: CborValue): NamedCapability {
  const capability = capabilityFromCbor(value);
  return { capability, ...nameFrom(value) };
}

/** Where a chunk lies, without any key (A-7 §3). */
export interface Location {
  readonly owner: KeyHash;
  readonly writer: KeyHash;
  readonly mapKey: MapKey;
}

/** Writes a location (A-7 §3). */
export function locationToCbor(location: Location): CborValue {
  return [location.owner, location.writer, location.mapKey];
}

/** Parses a location. Throws {@link MalformedCapability}. */
export function locationFromCbor(value: CborValue | undefined): Location {
  return reading(MalformedCapability, () => {
    const [owner, writer, mapKey] = asList(value, 'A location');
    return {
      owner: asKeyHash(owner, 'The owner of a location'),
      writer: asKeyHash(writer, 'The writer of a location'),
      mapKey: asMapKey(mapKey, 'The map key of a location'),
    };
  });
}

/** A capability with the name of the user in whose tree it starts (A-7, login record). */
export interface EntryPoint {
  readonly capability: Capability;
  readonly username: string;
}

/** Writes an entry point of a login record. */
export function entryPointToCbor(entryPoint: EntryPoint): CborMap {
  return cborMap([
    ['c', capabilityToCbor(entryPoint.capability)],
    ['n', entryPoint.username],
  ]);
}

/** Parses an entry point. Throws {@link MalformedCapability}. */
export function entryPointFromCbor(value: CborValue | undefined): EntryPoint {
  return reading(MalformedCapability, () => {
    const map = asMap(value, 'An entry point');
    return {
      capability: capabilityFromCbor(optional(map, 'c')),
      username: asText(optional(map, 'n'), 'The name of an entry point'),
    };
  });
}

function nameFields(
  named: EntryHints & { readonly name: string },
): readonly (readonly [string, CborValue | undefined])[] {
  return [
    ['n', named.name],
    ['d', named.isDirectory],
    ['t', named.mimeType],
    ['c', named.createdSeconds],
  ];
}

function nameFrom(value: CborValue): EntryHints & { readonly name: string } {
  return reading(MalformedCapability, () => {
    const map = asMap(value, 'An entry');
    const name = asText(optional(map, 'n'), 'The name of an entry');
    checkStorableName(name);
    const isDirectory = optional(map, 'd');
    const mimeType = optional(map, 't');
    const created = optional(map, 'c');
    return {
      name,
      isDirectory: isDirectory === undefined ? undefined : asBoolean(isDirectory, 'A folder mark'),
      mimeType: mimeType === undefined ? undefined : asText(mimeType, 'A file type'),
      createdSeconds: created === undefined ? undefined : asSeconds(created),
    };
  });
}

function asSeconds(value: CborValue): number | bigint {
  asBigint(value, 'A creation time');
  return value as number | bigint;
}

function isUnnamed(raw: CborValue): boolean {
  return raw instanceof Map && !raw.has('n');
}

function describeUnreadable(raw: CborValue, reason: PyrgosError): UnreadableEntry {
  const map: CborMap = raw instanceof Map ? (raw as CborMap) : new Map<string, CborValue>();
  const name = map.get('n');
  return {
    reason,
    raw,
    name: typeof name === 'string' ? name : undefined,
    mapKey: orUndefined(() => asMapKey(map.get('m'), 'A map key')),
    writer: orUndefined(() => asKeyHash(map.get('w'), 'A writer')),
  };
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
