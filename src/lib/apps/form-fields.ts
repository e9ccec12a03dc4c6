/**
 * The fields of a form that an app sends: as the loader turns them into JSON (C-9 §9.2: repeated
 * names are lists), or URL-encoded.
 */
import { fromUtf8, PyrgosError } from '#lib/bytes/index.ts';
import { bodyBytes, headerOf } from './answers.ts';
import { AppRequestRefused } from './errors.ts';
import { isJsonObject, parseJson, type Json } from './json.ts';
import type { AppRequest } from './types.ts';

/** @throws AppRequestRefused for any other body */
export function formFields(request: AppRequest): ReadonlyMap<string, unknown> {
  const type = (headerOf(request, 'content-type') ?? 'application/json').split(';')[0]!.trim();
  try {
    const text = fromUtf8(bodyBytes(request));
    if (type === 'application/x-www-form-urlencoded') return encodedFields(text);
    const json = parseJson(text);
    if (isJsonObject(json)) return new Map([...json].map(([key, value]) => [key, plain(value)]));
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
  }
  throw new AppRequestRefused('The body is no form.');
}

/** One field as text; empty if it is missing or no text. */
export function textField(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

function encodedFields(text: string): Map<string, unknown> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : [known, value].flat());
  }
  return fields;
}

/** Maps as objects, for writing JSON; `Object.fromEntries` defines members, it runs no setter. */
function plain(value: Json): unknown {
  if (isJsonObject(value)) {
    return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  }
  return Array.isArray(value) ? (value as readonly Json[]).map(plain) : value;
}
