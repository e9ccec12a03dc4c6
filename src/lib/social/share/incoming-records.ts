/** What we know of what others shared with us (C-2 §2.3, §2.4). */
import {
  asInteger,
  asList,
  asMap,
  asText,
  cborMap,
  encodeCbor,
  field,
  optional,
  type CborMap,
  type CborValue,
} from '#lib/codec/index.ts';
import { capabilityFromCbor, capabilityToCbor, type Capability } from '#lib/cryptree/index.ts';
import { decodeRecord, readingRecord } from '../records.ts';

/** How far a friend's logs of capabilities were read, and the logs of his groups. */
export interface ProcessedCaps {
  readonly readCount: number;
  readonly writeCount: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  /** By the name of the group's folder. */
  readonly groups: ReadonlyMap<string, ProcessedCaps>;
}

export const NOTHING_PROCESSED: ProcessedCaps = {
  readCount: 0,
  writeCount: 0,
  readBytes: 0,
  writeBytes: 0,
  groups: new Map(),
};

/** Groups do not hold groups. */
const DEPTH_MAX = 2;

/** @throws MalformedSocialRecord */
export function processedFromBytes(bytes: Uint8Array): ProcessedCaps {
  return readingRecord('The record of what was received', () =>
    processedFromCbor(decodeRecord(bytes), DEPTH_MAX),
  );
}

export function processedToBytes(processed: ProcessedCaps): Uint8Array {
  return encodeCbor(processedToCbor(processed));
}

function processedFromCbor(value: CborValue, depth: number): ProcessedCaps {
  const what = 'the record';
  const map = asMap(value, what);
  const count = (key: string): number => Math.max(0, asInteger(field(map, key, what), what));
  const groups = depth === 0 ? undefined : optional(map, 'g');
  return {
    readCount: count('rc'),
    writeCount: count('wc'),
    readBytes: count('rb'),
    writeBytes: count('wb'),
    groups: new Map(
      groups === undefined
        ? []
        : [...asMap(groups, what)].map(([name, group]) => [
            name,
            processedFromCbor(group, depth - 1),
          ]),
    ),
  };
}

function processedToCbor(processed: ProcessedCaps): CborMap {
  const groups = [...processed.groups].map(
    ([name, group]) => [name, processedToCbor(group)] as const,
  );
  return cborMap([
    ['rc', processed.readCount],
    ['wc', processed.writeCount],
    ['rb', processed.readBytes],
    ['wb', processed.writeBytes],
    ['g', cborMap(groups)],
  ]);
}

/** An item somebody shared with us, in the mirror of his tree. */
export interface MirroredItem {
  readonly name: string;
  readonly capability: Capability;
  /** Who shared it: once each. */
  readonly sharers: readonly string[];
}

export const ITEMS = 'items.cbor';

/** @throws MalformedSocialRecord */
export function itemsFromBytes(bytes: Uint8Array): MirroredItem[] {
  return readingRecord('The record of shared items', () => {
    const map = asMap(decodeRecord(bytes), 'the record');
    return asList(field(map, 'c', 'the record'), 'the record').map((value) => {
      const item = asMap(value, 'an item');
      const sharers = asList(field(item, 's', 'an item'), 'the sharers of an item');
      return {
        name: asText(field(item, 'n', 'an item'), 'the name of an item'),
        capability: capabilityFromCbor(field(item, 'c', 'an item')),
        sharers: [...new Set(sharers.map((sharer) => asText(sharer, 'a sharer')))],
      };
    });
  });
}

export function itemsToBytes(items: readonly MirroredItem[]): Uint8Array {
  const list = items.map(({ name, capability, sharers }) =>
    cborMap([
      ['n', name],
      ['c', capabilityToCbor(capability)],
      ['s', [...sharers]],
    ]),
  );
  return encodeCbor(cborMap([['c', list]]));
}
