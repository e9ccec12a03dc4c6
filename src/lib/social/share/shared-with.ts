/**
 * What we have shared, with whom and by which links (C-2 §2.2): a record for each folder, below
 * `.capabilitycache/outbound`, in the same tree of names.
 */
import {
  asBoolean,
  asInteger,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  encodeCbor,
  field,
  optional,
  type Cid,
  type CborMap,
  type CborValue,
} from '#lib/codec/index.ts';
import { decodeRecord, readingRecord } from '../records.ts';

export const SHARED_WITH = 'sharedWith.cbor';

export type Right = 'read' | 'write';

/** A secret link as its owner remembers it, passwords included. */
export interface LinkProperties {
  readonly label: bigint;
  readonly linkPassword: string;
  /** Empty: none is asked for. */
  readonly userPassword: string;
  readonly isWritable: boolean;
  readonly autoOpen: boolean;
  /** The target block as it is stored. */
  readonly target: Cid | undefined;
  readonly maxRetrievals: number | undefined;
  readonly expirySeconds: number | undefined;
}

/** With whom one entry is shared: usernames and group folders. */
export interface EntryShares {
  readonly read: ReadonlySet<string>;
  readonly write: ReadonlySet<string>;
  readonly links: readonly LinkProperties[];
}

/** Shares of the entries of one folder, by name. */
export type FolderShares = ReadonlyMap<string, EntryShares>;

export const NOT_SHARED: EntryShares = { read: new Set(), write: new Set(), links: [] };

export function isShared({ read, write, links }: EntryShares): boolean {
  return read.size > 0 || write.size > 0 || links.length > 0;
}

/** @throws MalformedSocialRecord */
export function folderSharesFromBytes(bytes: Uint8Array): FolderShares {
  return readingRecord('The record of shared items', () => {
    const map = asMap(decodeRecord(bytes), 'the record');
    const read = namesIn(field(map, 'r', 'the record'));
    const write = namesIn(field(map, 'w', 'the record'));
    const links = linksIn(optional(map, 'l'));
    const all = new Set([...read.keys(), ...write.keys(), ...links.keys()]);
    return new Map(
      [...all].map((name) => [
        name,
        {
          read: read.get(name) ?? NOT_SHARED.read,
          write: write.get(name) ?? NOT_SHARED.write,
          links: links.get(name) ?? [],
        },
      ]),
    );
  });
}

export function folderSharesToBytes(shares: FolderShares): Uint8Array {
  const sets = (part: 'read' | 'write'): CborMap =>
    cborMap(
      [...shares].flatMap(([name, entry]) =>
        entry[part].size === 0 ? [] : [[name, [...entry[part]].sort()] as const],
      ),
    );
  const links = cborMap(
    [...shares].flatMap(([name, entry]) =>
      entry.links.length === 0 ? [] : [[name, entry.links.map(linkToCbor)] as const],
    ),
  );
  return encodeCbor(
    cborMap([
      ['r', sets('read')],
      ['w', sets('write')],
      ['l', links],
    ]),
  );
}

/** The shares of an entry changed; an entry that is shared with nobody is left out. */
export function withEntry(shares: FolderShares, name: string, entry: EntryShares): FolderShares {
  const changed = new Map(shares);
  if (isShared(entry)) changed.set(name, entry);
  else changed.delete(name);
  return changed;
}

function namesIn(value: CborValue): Map<string, Set<string>> {
  return new Map(
    [...asMap(value, 'the record')].map(([name, list]) => [
      name,
      new Set(asList(list, 'recipients').map((recipient) => asText(recipient, 'a recipient'))),
    ]),
  );
}

function linksIn(value: CborValue | undefined): Map<string, LinkProperties[]> {
  if (value === undefined) return new Map();
  return new Map(
    [...asMap(value, 'the links')].map(([name, list]) => [
      name,
      asList(list, 'the links').map(linkPropertiesFromCbor),
    ]),
  );
}

export function linkPropertiesFromCbor(value: CborValue): LinkProperties {
  const what = 'a secret link';
  const map = asMap(value, what);
  const number = (key: string): number | undefined => {
    const found = optional(map, key);
    return found === undefined ? undefined : asInteger(found, what);
  };
  const [autoOpen, target] = [optional(map, 'o'), optional(map, 'h')];
  return {
    label: BigInt(asInteger(field(map, 'l', what), what)),
    linkPassword: asText(field(map, 'p', what), what),
    userPassword: asText(field(map, 'u', what), what),
    isWritable: asBoolean(field(map, 'w', what), what),
    autoOpen: autoOpen === undefined ? false : asBoolean(autoOpen, what),
    target: target === undefined ? undefined : asLink(target, what),
    maxRetrievals: number('m'),
    expirySeconds: number('e'),
  };
}

export function linkToCbor(link: LinkProperties): CborMap {
  return cborMap([
    ['l', Number(link.label)],
    ['p', link.linkPassword],
    ['u', link.userPassword],
    ['w', link.isWritable],
    ['o', link.autoOpen],
    ['h', link.target],
    ['m', link.maxRetrievals],
    ['e', link.expirySeconds],
  ]);
}
