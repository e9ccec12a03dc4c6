/**
 * Golden values for the tests of every room: plain data made by the reference implementation.
 *
 * `primitives.jsonl` has one value a line: `kind` says what it tests, `name` is unique within the
 * kind, byte strings are lower-case hex, structures are the hex of their canonical CBOR, `null` is
 * "absent". `account/` is an account set (blocks and description), cut down to what three users
 * reach, with what the reference client sees there. `a-11-test-vectors.json`, `b-8-vectors.json` and
 * `c-11-vectors.json` are the values printed with the protocol pages of those names.
 */
import { readFileSync } from 'node:fs';

/** One line; its other members depend on the kind, so a test states the shape it expects. */
export type VectorLine<T = Record<string, unknown>> = T & {
  readonly kind: string;
  readonly name: string;
};

let byKind: Map<string, VectorLine[]> | undefined;

/** All lines of a kind in file order. Throws if there is none, so that a typo cannot pass as success. */
export function vectorsOf<T = Record<string, unknown>>(kind: string): VectorLine<T>[] {
  const lines = linesByKind().get(kind);
  if (lines === undefined) throw new Error(`no golden values of kind ${kind}`);
  return lines as VectorLine<T>[];
}

/** The line of a kind that has this name. */
export function vectorNamed<T = Record<string, unknown>>(kind: string, name: string): VectorLine<T> {
  const line = vectorsOf<T>(kind).find((candidate) => candidate.name === name);
  if (line === undefined) throw new Error(`no golden value ${kind} ${name}`);
  return line;
}

/** One entry of `a-11-test-vectors.json`. */
export function partA<T>(entry: string): T {
  return entryOf<T>('a-11-test-vectors.json', entry);
}

/** One entry of `b-8-vectors.json`. */
export function partB<T>(entry: string): T {
  return entryOf<T>('b-8-vectors.json', entry);
}

/** One entry of `c-11-vectors.json`. */
export function partC<T>(entry: string): T {
  return entryOf<T>('c-11-vectors.json', entry);
}

function linesByKind(): Map<string, VectorLine[]> {
  if (byKind !== undefined) return byKind;
  byKind = new Map();
  for (const text of readText('primitives.jsonl').trimEnd().split('\n')) {
    const line = JSON.parse(text) as VectorLine;
    const lines = byKind.get(line.kind);
    if (lines === undefined) byKind.set(line.kind, [line]);
    else lines.push(line);
  }
  return byKind;
}

function entryOf<T>(file: string, entry: string): T {
  const entries = new Map(Object.entries(JSON.parse(readText(file)) as Record<string, T>));
  const value = entries.get(entry);
  if (value === undefined) throw new Error(`no entry ${entry} in ${file}`);
  return value;
}

function readText(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}
