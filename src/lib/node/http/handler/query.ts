/**
 * The query of a call (B-1 §1.3): percent-decoded as a whole, then split at `&` and each part at its
 * first `=`; `+` stays `+`. Of a parameter that repeats the last counts, except `arg`, which is a
 * list. Input: hostile; readers throw `MalformedRequest` and repeat no value, for values are tokens.
 */
import { fromHex, fromMultibase } from '#lib/bytes/index.ts';
import { Cid, decodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { BatWithId, toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { MalformedRequest, parseRequest } from '../../errors.ts';

export class Query {
  readonly #values = new Map<string, string[]>();

  /** `raw` as in a URL, without the question mark. */
  constructor(raw: string) {
    const decoded = percentDecoded(raw).replace(/&+$/u, '');
    for (const part of decoded === '' ? [] : decoded.split('&')) {
      const at = part.indexOf('=');
      if (at < 0) throw new MalformedRequest('A part of the query has no "=".');
      const name = part.slice(0, at);
      this.#values.set(name, [...(this.#values.get(name) ?? []), part.slice(at + 1)]);
    }
  }

  /** `undefined` = not given. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  text(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new MalformedRequest(`The parameter "${name}" is missing.`);
    return value;
  }

  flag(name: string): boolean {
    return this.get(name) === 'true';
  }

  /** The `index`th `arg`. */
  arg(index = 0): string {
    const value = this.#values.get('arg')?.[index];
    if (value === undefined) throw new MalformedRequest('The parameter "arg" is missing.');
    return value;
  }

  hex(name: string): Uint8Array {
    const value = this.text(name);
    return parseRequest(`The parameter "${name}"`, () => fromHex(value));
  }

  /** A key id. */
  key(name: string): KeyHash {
    const value = this.text(name);
    const what = `The parameter "${name}"`;
    return parseRequest(what, () => toKeyHash(Cid.parse(value), what));
  }

  cid(index = 0): Cid {
    const value = this.arg(index);
    return parseRequest('The parameter "arg"', () => Cid.parse(value));
  }

  /** Multibase text of CBOR. */
  cbor(name: string): CborValue {
    const value = this.text(name);
    return parseRequest(`The parameter "${name}"`, () => decodeCbor(fromMultibase(value)));
  }

  bat(): BatWithId | undefined {
    if (this.get('bat') === undefined) return undefined;
    const value = this.cbor('bat');
    return parseRequest('The parameter "bat"', () => BatWithId.fromCbor(value));
  }
}

function percentDecoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new MalformedRequest('The query is not percent-encoded UTF-8.');
  }
}
