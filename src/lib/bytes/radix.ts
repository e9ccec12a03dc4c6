/**
 * Base58 and base36: the byte string read as one big number, with a leading zero digit for every
 * leading zero byte (A-1 §6).
 *
 * Work is quadratic in the length, so texts from outside are capped: a caller that expects something short
 * says so. The inner loops take several digits and two bytes at a time: digits^group × 2^16 stays
 * below 2^53, so plain numbers suffice.
 */
import { MalformedBytes } from './errors.ts';

/** The longest text of this project is a boxing key pair, about 9,000 characters. */
const MAX_TEXT_LENGTH = 16_384;

interface Radix {
  readonly name: string;
  readonly alphabet: string;
  readonly digitOf: ReadonlyMap<string, number>;
  /** Digits handled at once, and base^group. */
  readonly group: number;
  readonly groupValue: number;
}

const BASE58 = radix('base58', '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', 5);
const BASE36 = radix('base36', '0123456789abcdefghijklmnopqrstuvwxyz', 6);

/** Base58 with the Bitcoin alphabet, no multibase prefix. */
export function toBase58(bytes: Uint8Array): string {
  return encode(bytes, BASE58);
}

/** Bytes of base58 text without multibase prefix. Throws {@link MalformedBytes}. */
export function fromBase58(text: string, maxUnits = MAX_TEXT_LENGTH): Uint8Array {
  return decode(text, BASE58, maxUnits);
}

/** Lower-case base36, no multibase prefix. */
export function toBase36(bytes: Uint8Array): string {
  return encode(bytes, BASE36);
}

/** Bytes of lower-case base36 text without multibase prefix. Throws {@link MalformedBytes}. */
export function fromBase36(text: string, maxUnits = MAX_TEXT_LENGTH): Uint8Array {
  return decode(text, BASE36, maxUnits);
}

function radix(name: string, alphabet: string, group: number): Radix {
  const digitOf = new Map([...alphabet].map((character, digit) => [character, digit]));
  return { name, alphabet, digitOf, group, groupValue: alphabet.length ** group };
}

function encode(bytes: Uint8Array, { alphabet, group, groupValue }: Radix): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;

  const limbs: number[] = []; // least significant first, each below groupValue
  const odd = (bytes.length - zeros) % 2;
  for (let i = zeros - odd; i < bytes.length; i += 2) {
    const high = i < zeros ? 0 : (bytes[i] as number);
    let carry = high * 256 + (bytes[i + 1] as number);
    for (let j = 0; j < limbs.length; j++) {
      const sum = (limbs[j] as number) * 65_536 + carry;
      carry = Math.floor(sum / groupValue);
      limbs[j] = sum - carry * groupValue;
    }
    while (carry > 0) {
      limbs.push(carry % groupValue);
      carry = Math.floor(carry / groupValue);
    }
  }

  const digits: number[] = []; // least significant first
  for (const limb of limbs) {
    for (let k = 0, rest = limb; k < group; k++) {
      digits.push(rest % alphabet.length);
      rest = Math.floor(rest / alphabet.length);
    }
  }
  while (digits.at(-1) === 0) digits.pop();
  let text = (alphabet[0] as string).repeat(zeros);
  for (let j = digits.length - 1; j >= 0; j--) text += alphabet[digits[j] as number] as string;
  return text;
}

function decode(
  text: string,
  { name, alphabet, digitOf, group }: Radix,
  maxUnits: number,
): Uint8Array {
  if (text.length > Math.min(maxUnits, MAX_TEXT_LENGTH)) {
    throw new MalformedBytes(`The ${name} text is too long.`);
  }
  const first = alphabet[0] as string;
  let zeros = 0;
  while (zeros < text.length && text[zeros] === first) zeros++;

  const limbs: number[] = []; // least significant first, each below 2^16
  for (let i = zeros; i < text.length; i += group) {
    let carry = 0;
    let scale = 1;
    for (const character of text.slice(i, i + group)) {
      const digit = digitOf.get(character);
      if (digit === undefined) throw new MalformedBytes(`Not a ${name} text.`);
      carry = carry * alphabet.length + digit;
      scale *= alphabet.length;
    }
    for (let j = 0; j < limbs.length; j++) {
      const sum = (limbs[j] as number) * scale + carry;
      carry = Math.floor(sum / 65_536);
      limbs[j] = sum - carry * 65_536;
    }
    while (carry > 0) {
      limbs.push(carry % 65_536);
      carry = Math.floor(carry / 65_536);
    }
  }
  return joinLimbs(limbs, zeros);
}

function joinLimbs(limbs: readonly number[], zeros: number): Uint8Array {
  const highest = limbs.at(-1) ?? 0;
  const length = 2 * limbs.length - (limbs.length > 0 && highest < 256 ? 1 : 0);
  const bytes = new Uint8Array(zeros + length);
  for (let j = 0, end = bytes.length; j < limbs.length; j++, end -= 2) {
    const limb = limbs[j] as number;
    bytes[end - 1] = limb & 0xff;
    if (end - 2 >= zeros) bytes[end - 2] = limb >> 8;
  }
  return bytes;
}
