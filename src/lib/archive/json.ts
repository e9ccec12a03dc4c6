/**
 * Members of a parsed JSON object, each with its type checked. `null` and absence are the same.
 * Objects become maps first: their keys may be any text.
 */
import { MalformedDescription } from './errors.ts';

export type JsonObject = ReadonlyMap<string, unknown>;

export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return new Map(Object.entries(value));
  }
  throw new MalformedDescription(`${what} is not an object.`);
}

export function objectIn(object: JsonObject, member: string): JsonObject | undefined {
  const value = object.get(member) ?? undefined;
  return value === undefined ? undefined : objectOf(value, `"${member}"`);
}

export function textIn(object: JsonObject, member: string): string | undefined {
  const value = object.get(member) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new MalformedDescription(`"${member}" is not text.`);
}

/** A whole number that is not negative. */
export function numberIn(object: JsonObject, member: string): number | undefined {
  const value = object.get(member) ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new MalformedDescription(`"${member}" is not a whole number.`);
}

export function listIn(object: JsonObject, member: string, isRequired = false): readonly unknown[] {
  const value = object.get(member) ?? undefined;
  if (value === undefined && !isRequired) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new MalformedDescription(`"${member}" is not a list.`);
}
