/**
 * The query of a call (B-1 §1.3): percent-decoded as a whole, then split at `&` and each part at its
 * first `=`; `+` stays `+`. Of a parameter that repeats the last counts, except `arg`, which is a
 * list. Input: hostile; readers throw `MalformedRequest` and repeat no value, for values are tokens.
 */
import { fromHex, fromMultibase } from '#lib/bytes/index.ts';
import { Cid, CID_TEXT_MAX_UNITS, decodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { BatWithId, toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { MalformedRequest, parseRequest } from '#lib/protocol/index.ts';

/** No call has more than eight. */
const MAX_PARTS = 64;
const BAT_MAX_UNITS = 400;
/** Twenty keys of a champ with their BATs. */
const CBOR_MAX_UNITS = 6_000;
const CBOR_MAX_VALUES = 200;

export class Query {
  readonly #values = new Map<string, string[]>();

  /** `raw` as in a URL, without the question mark. */
  constructor(raw: string) {
    const decoded = percentDecoded(raw).replace(/&+$/u, '');
    const parts = decoded === '' ? [] : decoded.split('&', MAX_PARTS + 1);
    if (parts.length > MAX_PARTS) throw new MalformedRequest('The query has too many parts.');
    for (const part of parts) {
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
    return parseRequest(what, () => toKeyHash(Cid.parse(value, CID_TEXT_MAX_UNITS), what));
  }

  cid(index = 0): Cid {
    const value = this.arg(index);
    return parseRequest('The parameter "arg"', () => Cid.parse(value, CID_TEXT_MAX_UNITS));
  }

  /** Multibase text of CBOR. */
  cbor(name: string, maxUnits = CBOR_MAX_UNITS): CborValue {
    const value = this.text(name);
    return parseRequest(`The parameter "${name}"`, () =>
      decodeCbor(fromMultibase(value, maxUnits), CBOR_MAX_VALUES),
    );
  }

  bat(): BatWithId | undefined {
    if (this.get('bat') === undefined) return undefined;
    const value = this.cbor('bat', BAT_MAX_UNITS);
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
