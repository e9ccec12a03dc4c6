/**
 * Multibase: a character that names the encoding, then the text (A-1 §6).
 * Input comes from links, addresses and blocks: hostile.
 */
import { MalformedBytes } from './errors.ts';
import { fromHex, toHex } from './hex.ts';
import { fromBase36, fromBase58, toBase36, toBase58 } from './radix.ts';
import { BASE32, BASE32_HEX, BASE64, fromBitGroups, toBitGroups } from './rfc4648.ts';
import type { BitAlphabet } from './rfc4648.ts';

/** Every prefix that is understood; `z` is the one written wherever the protocol does not say otherwise. */
export type MultibasePrefix = 'z' | 'f' | 'k' | 'b' | 'B' | 'v' | 'V' | 'm' | 'M';

/** The text of `bytes` with its prefix character. */
export function toMultibase(bytes: Uint8Array, prefix: MultibasePrefix = 'z'): string {
  return prefix + encodeBody(bytes, prefix);
}

/**
 * Bytes of a prefixed text of at most `maxUnits` characters. Throws {@link MalformedBytes} for a
 * longer one, an unknown prefix or a malformed rest.
 */
export function fromMultibase(text: string, maxUnits = Infinity): Uint8Array {
  if (text.length > maxUnits) throw new MalformedBytes('A multibase text is too long.');
  const body = text.slice(1);
  switch (text[0]) {
    case 'z':
      return fromBase58(body);
    case 'f':
      return fromHex(onlyLower(body));
    case 'k':
      return fromBase36(body);
    case 'b':
      return fromBitGroups(body, BASE32);
    case 'B':
      return fromBitGroups(onlyUpper(body), BASE32);
    case 'v':
      return fromBitGroups(body, BASE32_HEX);
    case 'V':
      return fromBitGroups(onlyUpper(body), BASE32_HEX);
    case 'm':
      return fromBitGroups(body, BASE64);
    case 'M':
      return fromBitGroups(withoutPadding(body), BASE64);
    default:
      throw new MalformedBytes('The text does not begin with a known multibase prefix.');
  }
}

/** Upper-case base32 without padding or prefix, as authenticator apps and object stores spell bytes. */
export function toBase32(bytes: Uint8Array): string {
  return encodeBody(bytes, 'B');
}

/** Bytes of what {@link toBase32} wrote. Throws {@link MalformedBytes}. */
export function fromBase32(text: string): Uint8Array {
  return fromMultibase(`B${text}`);
}

function encodeBody(bytes: Uint8Array, prefix: MultibasePrefix): string {
  const groups = (alphabet: BitAlphabet) => toBitGroups(bytes, alphabet);
  switch (prefix) {
    case 'z':
      return toBase58(bytes);
    case 'f':
      return toHex(bytes);
    case 'k':
      return toBase36(bytes);
    case 'b':
      return groups(BASE32);
    case 'B':
      return groups(BASE32).toUpperCase();
    case 'v':
      return groups(BASE32_HEX);
    case 'V':
      return groups(BASE32_HEX).toUpperCase();
    case 'm':
      return groups(BASE64);
    case 'M':
      return groups(BASE64).padEnd(4 * Math.ceil(bytes.length / 3), '=');
  }
}

function onlyLower(body: string): string {
  if (/[A-Z]/.test(body)) throw new MalformedBytes('Upper case in a lower-case encoding.');
  return body;
}

/** Checks that an upper-case encoding has no other letters and answers its lower-case form. */
function onlyUpper(body: string): string {
  if (!/^[0-9A-Z]*$/.test(body)) throw new MalformedBytes('Not an upper-case encoding.');
  return body.toLowerCase();
}

function withoutPadding(body: string): string {
  const bare = body.replace(/={1,2}$/, '');
  if (body.length - bare.length !== (4 - (bare.length % 4)) % 4) {
    throw new MalformedBytes('Base64 text is not padded as it should be.');
  }
  return bare;
}
