/**
 * JSON from people we do not know, as RFC 8259 has it and with less freedom: names of members are
 * unique, nesting has a limit, and objects become maps, so that no name (`__proto__`, `length`)
 * reaches an object of ours.
 */
import { MalformedBytes } from '#lib/bytes/index.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

const DEPTH_MAX = 16;
const BLANKS = /[ \t\n\r]*/uy;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy; // eslint-disable-line no-control-regex
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
const WORD = /true|false|null/uy;

/** Parses a whole text. @throws MalformedBytes with the position of the fault */
export function parseJson(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** Whether a value is an object of a parsed text. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Json {
    if (depth > DEPTH_MAX) throw this.#fault('is nested too deeply');
    this.#blanks();
    if (this.#takes('{')) return this.#object(depth);
    if (this.#takes('[')) return this.#list(depth);
    const literal = this.#match(STRING) ?? this.#match(NUMBER) ?? this.#match(WORD);
    if (literal === undefined) throw this.#fault('is no JSON');
    return JSON.parse(literal) as Json;
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#fault('goes on after its end');
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, Json>();
    this.#blanks();
    if (this.#takes('}')) return members;
    do {
      this.#blanks();
      const name = this.#match(STRING);
      if (name === undefined) throw this.#fault('is no JSON');
      const key = JSON.parse(name) as string;
      if (members.has(key)) throw this.#fault(`has the member ${name} twice`);
      this.#blanks();
      if (!this.#takes(':')) throw this.#fault('is no JSON');
      members.set(key, this.value(depth + 1));
      this.#blanks();
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#fault('is no JSON');
    return members;
  }

  #list(depth: number): Json[] {
    const items: Json[] = [];
    this.#blanks();
    if (this.#takes(']')) return items;
    do {
      items.push(this.value(depth + 1));
      this.#blanks();
    } while (this.#takes(','));
    if (!this.#takes(']')) throw this.#fault('is no JSON');
    return items;
  }

  #blanks(): void {
    this.#match(BLANKS);
  }

  #takes(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fault(what: string): MalformedBytes {
    return new MalformedBytes(`The text ${what} at character ${String(this.#at + 1)}.`);
  }
}
