/**
 * Readers for the border: each takes a decoded value, checks its type and says in the error which
 * thing was wrong. `what` names that thing for a person ("the access token", "child 3").
 */
import { Cid } from './cid.ts';
import { MalformedCbor } from './value.ts';
import type { CborMap, CborValue } from './value.ts';

type Read = CborValue | undefined;

export function asMap(value: Read, what: string): CborMap {
  if (value instanceof Map) return value as CborMap;
  throw wrongType(what, 'a map');
}

export function asList(value: Read, what: string): readonly CborValue[] {
  if (Array.isArray(value)) return value as readonly CborValue[];
  throw wrongType(what, 'a list');
}

export function asBytes(value: Read, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw wrongType(what, 'a byte string');
}

/** A byte string of exactly `length` bytes. */
export function asBytesOf(value: Read, length: number, what: string): Uint8Array {
  const bytes = asBytes(value, what);
  if (bytes.length === length) return bytes;
  throw new MalformedCbor(`${what} has ${bytes.length} bytes instead of ${length}.`);
}

export function asText(value: Read, what: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(what, 'text');
}

/** An integer that a number holds exactly. */
export function asInteger(value: Read, what: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') throw new MalformedCbor(`${what} is too large a number.`);
  throw wrongType(what, 'an integer');
}

/** Any 64-bit integer. */
export function asBigint(value: Read, what: string): bigint {
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value);
  throw wrongType(what, 'an integer');
}

export function asBoolean(value: Read, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw wrongType(what, 'true or false');
}

export function asLink(value: Read, what: string): Cid {
  if (value instanceof Cid) return value;
  throw wrongType(what, 'a link');
}

/** The value of a key that must be there. */
export function field(map: CborMap, key: string, what: string): CborValue {
  const value = map.get(key);
  if (value === undefined) throw new MalformedCbor(`${what} lacks its field "${key}".`);
  return value;
}

/** The value of a key that may be absent. */
export function optional(map: CborMap, key: string): CborValue | undefined {
  return map.get(key);
}

/** All links at any depth in order of occurrence (A-1 §2). */
export function linksOf(value: CborValue): Cid[] {
  const links: Cid[] = [];
  collectLinks(value, links);
  return links;
}

function collectLinks(value: CborValue, links: Cid[]): void {
  if (value instanceof Cid) links.push(value);
  else if (Array.isArray(value)) {
    for (const item of value as readonly CborValue[]) collectLinks(item, links);
  } else if (value instanceof Map) {
    for (const item of (value as CborMap).values()) collectLinks(item, links);
  }
}

function wrongType(what: string, expected: string): MalformedCbor {
  return new MalformedCbor(`${what} is not ${expected}.`);
}
