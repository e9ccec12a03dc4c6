/**
 * What an identity has published (A-6 §8, C-2 §2.7): a table of directories by their inodes, whose
 * entries carry capabilities. All of it is in public blocks. Anybody may have written what is read.
 */
import {
  asInteger,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  field,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';

/** A place in the table. */
export interface Inode {
  readonly number: number;
  readonly name: string;
}

/** An entry of a published directory. */
export interface PublishedEntry {
  readonly inode: Inode;
  /** Absolute capability (A-7 §1), to read only; absent for a directory that only leads to others. */
  readonly capability: CborMap | undefined;
}

/** The block that `"public"` of a writer's state links to. */
export interface PublicData {
  /** The number of the next inode. */
  readonly counter: number;
  /** Root of the table of directories. */
  readonly table: Cid;
}

/** The entries of a directory, or where there are many, a champ by their names. */
export type PublicDirectory =
  | { readonly kind: 'list'; readonly entries: readonly PublishedEntry[] }
  | { readonly kind: 'tree'; readonly root: CborValue };

/** The directory that paths begin in; the first name in it is the user's. */
export const PUBLIC_ROOT: Inode = { number: 0, name: '' };
/** As many entries are a list. */
export const PUBLIC_LIST_MAX = 32;
/** Names of a path that is looked up. */
export const PUBLIC_PATH_MAX = 256;

const WHAT = 'The public data';

/** @throws `MalformedCbor` */
export function publicDataFromCbor(value: CborValue): PublicData {
  const map = asMap(value, WHAT);
  return {
    counter: asInteger(field(map, 'c', WHAT), WHAT),
    table: asLink(field(map, 'r', WHAT), 'The public table'),
  };
}

export function publicDataToCbor({ counter, table }: PublicData): CborMap {
  return cborMap([
    ['c', counter],
    ['r', table],
  ]);
}

/** Also the key of a directory in the table. */
export function inodeToCbor({ number, name }: Inode): CborMap {
  return cborMap([
    ['i', number],
    ['n', name],
  ]);
}

/** @throws `MalformedCbor` */
export function publishedEntryFromCbor(value: CborValue): PublishedEntry {
  const map = asMap(value, 'A published file');
  const inode = asMap(field(map, 'i', WHAT), 'An inode');
  const capability = optional(map, 'c');
  return {
    inode: {
      number: asInteger(field(inode, 'i', WHAT), 'An inode'),
      name: asText(field(inode, 'n', WHAT), 'An inode'),
    },
    capability: capability === undefined ? undefined : asMap(capability, 'A capability'),
  };
}

export function publishedEntryToCbor({ inode, capability }: PublishedEntry): CborMap {
  return cborMap([
    ['i', inodeToCbor(inode)],
    ['c', capability],
  ]);
}

/** @throws `MalformedCbor` */
export function publicDirectoryFromCbor(value: CborValue): PublicDirectory {
  if (Array.isArray(value)) return { kind: 'tree', root: value as CborValue };
  const children = asList(field(asMap(value, WHAT), 'c', WHAT), 'The published files');
  return { kind: 'list', entries: children.map(publishedEntryFromCbor) };
}

export function publicDirectoryToCbor(directory: PublicDirectory): CborValue {
  if (directory.kind === 'tree') return directory.root;
  return cborMap([['c', directory.entries.map(publishedEntryToCbor)]]);
}
