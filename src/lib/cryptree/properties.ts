/**
 * FileProperties (A-8 §6): what a node says about its file or directory.
 *
 * Only those of chunk 0 count. Chunks after it repeat them, perhaps stale; overflow chunks of a
 * directory carry fixed placeholders (whose name was once empty) and are never judged.
 * Input comes from everyone who may write the node: hostile.
 */
import {
  asBigint,
  asBoolean,
  asBytes,
  asBytesOf,
  asInteger,
  asMap,
  asText,
  cborMap,
  optional,
  SECRET_BYTES,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { DamagedNode, reading } from './errors.ts';
import { hashBranchFromCbor, hashBranchToCbor } from './hash-branch.ts';
import type { HashBranch } from './hash-branch.ts';
import { checkStorableName } from './names.ts';

/** UTC since 1970. Seconds are a bigint only where a number would round (A-1 §1.6). */
export interface Time {
  readonly seconds: number | bigint;
  readonly nanos: number;
}

export interface Thumbnail {
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

export interface FileProperties {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  /** Any text; empty for directories. Never to be trusted by a parser or a page. */
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly modified: Time;
  readonly created: Time;
  readonly isHidden: boolean;
  /** 32 bytes from which the places of later chunks follow (A-8 §7); only old files lack it. */
  readonly streamSecret?: Uint8Array | undefined;
  readonly hashBranch?: HashBranch | undefined;
  readonly thumbnail?: Thumbnail | undefined;
}

export const THUMBNAIL_MAX_BYTES = 102_400;

const OVERFLOW_TIME: Time = { seconds: -31_557_014_135_596_800n, nanos: 0 };
const LEGACY_THUMBNAIL_TYPE = 'image/png';
const NANOS_PER_SECOND = 1_000_000_000;

/** Placeholder properties of a directory's second and later chunks (A-8 §6). */
export const OVERFLOW_PROPERTIES: FileProperties = {
  name: '.subsequent-dir-chunk',
  isDirectory: true,
  isLink: false,
  mimeType: '',
  sizeBytes: 0,
  modified: OVERFLOW_TIME,
  created: OVERFLOW_TIME,
  isHidden: false,
};

/** Map form (A-8 §6). Throws {@link BadFileName} or {@link DamagedNode} for what no reader would accept. */
export function propertiesToCbor(properties: FileProperties): CborMap {
  checkStorableName(properties.name);
  checkSecret(properties);
  const { thumbnail } = properties;
  if (thumbnail !== undefined && thumbnail.bytes.length > THUMBNAIL_MAX_BYTES) {
    throw new DamagedNode('The preview picture is too large.');
  }
  return cborMap([
    ['n', properties.name],
    ['d', properties.isDirectory],
    ['l', properties.isLink],
    ['m', properties.mimeType],
    ['s', properties.sizeBytes],
    ['t', properties.modified.seconds],
    ['tn', properties.modified.nanos],
    ['c', properties.created.seconds],
    ['cn', properties.created.nanos],
    ['h', properties.isHidden],
    ['p', properties.streamSecret],
    ['th', properties.hashBranch && hashBranchToCbor(properties.hashBranch)],
    ['i', thumbnail?.bytes],
    ['im', thumbnail?.mimeType],
  ]);
}

/** Parses and judges the properties of a first chunk. Throws {@link BadFileName} or {@link DamagedNode}. */
export function propertiesFromCbor(value: CborValue | undefined): FileProperties {
  const properties = unjudgedPropertiesFromCbor(value);
  checkStorableName(properties.name);
  checkSecret(properties);
  return properties;
}

/** Parses the properties of a later chunk, which carry no authority. Throws {@link DamagedNode}. */
export function unjudgedPropertiesFromCbor(value: CborValue | undefined): FileProperties {
  return reading(DamagedNode, () => {
    const map = asMap(value, 'The properties');
    const modified = timeFrom(map, 't', 'tn');
    const sizeBytes = asInteger(optional(map, 's'), 'The size');
    if (sizeBytes < 0) throw new DamagedNode('The size is negative.');
    const streamSecret = optional(map, 'p');
    const hash = optional(map, 'th');
    return {
      name: asText(optional(map, 'n'), 'The name'),
      isDirectory: flagFrom(map, 'd'),
      isLink: flagFrom(map, 'l'),
      mimeType: asText(optional(map, 'm'), 'The file type'),
      sizeBytes,
      modified,
      created:
        optional(map, 'c') === undefined
          ? { ...modified, nanos: nanosFrom(map, 'cn') }
          : timeFrom(map, 'c', 'cn'),
      isHidden: flagFrom(map, 'h'),
      streamSecret:
        streamSecret === undefined
          ? undefined
          : asBytesOf(streamSecret, SECRET_BYTES, 'The stream secret'),
      hashBranch: hash === undefined ? undefined : hashBranchFromCbor(hash),
      thumbnail: thumbnailFrom(map),
    };
  });
}

function checkSecret(properties: FileProperties): void {
  if (properties.isDirectory && properties.streamSecret !== undefined) {
    throw new DamagedNode('A folder has the secret of a file.');
  }
}

function timeFrom(map: CborMap, secondsKey: string, nanosKey: string): Time {
  const seconds = optional(map, secondsKey);
  asBigint(seconds, 'A time');
  return { seconds: seconds as number | bigint, nanos: nanosFrom(map, nanosKey) };
}

function nanosFrom(map: CborMap, key: string): number {
  const nanos = asInteger(optional(map, key) ?? 0, 'The fraction of a second');
  if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
    throw new DamagedNode('The fraction of a second is out of range.');
  }
  return nanos;
}

function flagFrom(map: CborMap, key: string): boolean {
  return asBoolean(optional(map, key) ?? false, 'A mark');
}

/** A picture over the limit is passed over: it is decoration, and no reason to lose the file. */
function thumbnailFrom(map: CborMap): Thumbnail | undefined {
  const value = optional(map, 'i');
  if (value === undefined) return undefined;
  const bytes = asBytes(value, 'The preview picture');
  const mimeType = asText(optional(map, 'im') ?? LEGACY_THUMBNAIL_TYPE, 'The type of the preview');
  return bytes.length > THUMBNAIL_MAX_BYTES ? undefined : { mimeType, bytes };
}
