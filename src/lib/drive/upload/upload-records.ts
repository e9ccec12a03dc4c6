/**
 * Records of running uploads (A-9 §3): small files in `/<user>/.transactions`, named after the
 * target path, that hold the keys of the chunks. With one an interrupted upload can go on, or its
 * chunks, which nothing else refers to, can be removed. Other clients read and clear them too.
 *
 * A record is our own data, yet parsed like any other: an old client may have written it.
 */
import { utf8 } from '#lib/bytes/index.ts';
import {
  asBytesOf,
  asInteger,
  asLink,
  asMap,
  asText,
  cborMap,
  Cid,
  CODEC,
  decodeCbor,
  encodeCbor,
  field,
  optional,
  type CborMap,
} from '#lib/codec/index.ts';
import { propertiesFromCbor, propertiesToCbor, type FileProperties } from '#lib/cryptree/index.ts';
import {
  asKeyHash,
  asMapKey,
  Bat,
  sha256Now,
  Signer,
  SymmetricKey,
  type KeyHash,
} from '#lib/crypto/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { BadUploadRecord } from '../errors.ts';
import type { FileKeys } from '../file-nodes.ts';

const FILE_UPLOAD = 'FILE_UPLOAD';

export interface UploadRecord {
  /** `user/dir/…/name`, without a leading slash. */
  readonly path: string;
  readonly startedMs: number;
  readonly owner: KeyHash;
  /** Signer of the writing space the chunks go to. */
  readonly signer: Signer;
  readonly keys: FileKeys;
  readonly sizeBytes: number;
  /** Absent: the upload can be cleared, but not resumed. */
  readonly properties: FileProperties | undefined;
}

/** The name of the record for a target path. */
export function recordName(path: string): string {
  return Cid.sha256(CODEC.raw, sha256Now(utf8(path))).toString();
}

export function recordToBytes(record: UploadRecord): Uint8Array {
  const { keys, properties } = record;
  return encodeCbor(
    cborMap([
      ['type', FILE_UPLOAD],
      ['path', record.path],
      ['startTimeEpochMs', record.startedMs],
      ['owner', record.owner],
      ['writer', record.signer.toCbor()],
      ['mapKey', keys.first.mapKey],
      ['firstBat', keys.first.bat?.toCbor()],
      ['streamSecret', keys.streamSecret],
      ['size', record.sizeBytes],
      ['baseKey', keys.readKey.toCbor()],
      ['dataKey', keys.dataKey.toCbor()],
      ['writeKey', keys.writeKey.toCbor()],
      ['props', properties && propertiesToCbor(properties)],
    ]),
  );
}

/** @throws BadUploadRecord */
export function recordFromBytes(bytes: Uint8Array): UploadRecord {
  try {
    return parse(asMap(decodeCbor(bytes), 'An upload record'));
  } catch (cause) {
    if (!(cause instanceof PyrgosError)) throw cause;
    throw new BadUploadRecord('The record of an upload cannot be read.', { cause });
  }
}

function parse(map: CborMap): UploadRecord {
  const what = 'An upload record';
  if (asText(field(map, 'type', what), what) !== FILE_UPLOAD) {
    throw new BadUploadRecord('This is not the record of an upload.');
  }
  const firstBat = optional(map, 'firstBat');
  const properties = optional(map, 'props');
  const sizeBytes = asInteger(field(map, 'size', what), what);
  if (sizeBytes < 0) throw new BadUploadRecord('The record of an upload has an impossible size.');
  return {
    path: asText(field(map, 'path', what), what),
    startedMs: asInteger(field(map, 'startTimeEpochMs', what), what),
    owner: asKeyHash(asLink(field(map, 'owner', what), what), what),
    signer: Signer.fromCbor(field(map, 'writer', what)),
    keys: {
      readKey: SymmetricKey.fromCbor(field(map, 'baseKey', what)),
      dataKey: SymmetricKey.fromCbor(field(map, 'dataKey', what)),
      writeKey: SymmetricKey.fromCbor(field(map, 'writeKey', what)),
      streamSecret: asBytesOf(field(map, 'streamSecret', what), 32, what),
      first: {
        mapKey: asMapKey(field(map, 'mapKey', what), what),
        bat: firstBat === undefined ? undefined : Bat.fromCbor(firstBat),
      },
    },
    sizeBytes,
    properties: properties === undefined ? undefined : propertiesFromCbor(properties),
  };
}
