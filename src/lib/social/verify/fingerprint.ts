/**
 * What two people compare to know that each has the other's keys (C-5 §5.1–5.4): a number both
 * screens show alike, or a QR code that one scans from the other's screen.
 */
import { concat, equalBytes, fromHex, PyrgosError, toHex, utf8 } from '#lib/bytes/index.ts';
import {
  asBytesOf,
  asInteger,
  asMap,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
} from '#lib/codec/index.ts';
import { blake2b512, type KeyHash } from '#lib/crypto/index.ts';
import { UnreadableCode } from '../errors.ts';

const ROUNDS = 5200;
export const HALF_BYTES = 32;
const DIGIT_GROUPS = 6;
const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;
const CODE_VERSION = 1;
/** A code has 152 characters; what is longer is some other one. */
const CODE_MAX_CHARACTERS = 512;

/** A name and the keys it stands for, in any order. */
export interface NamedKeys {
  readonly username: string;
  readonly keys: readonly KeyHash[];
}

/** Half fingerprints of two people, as one of them sees it. */
export interface Fingerprint {
  readonly own: Uint8Array;
  readonly friend: Uint8Array;
}

export function fingerprintOf(own: NamedKeys, friend: NamedKeys): Fingerprint {
  return { own: halfFingerprint(own), friend: halfFingerprint(friend) };
}

/** What stands for a name and its keys: 32 bytes (C-5 §5.2). */
export function halfFingerprint({ username, keys }: NamedKeys): Uint8Array {
  const links = keys.map((key) => encodeCbor(key)).sort(compareSigned);
  let hash = concat(new Uint8Array(2), utf8(username), ...links);
  for (let round = 0; round < ROUNDS; round++) hash = blake2b512(hash);
  return hash.slice(0, HALF_BYTES);
}

/** Shorter first, then by bytes read as signed numbers. */
function compareSigned(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  const [x, y] = [new Int8Array(a), new Int8Array(b)];
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at < 0 ? 0 : x[at]! - y[at]!;
}

/** The 60 digits both people see. */
export function safetyNumber({ own, friend }: Fingerprint): string {
  return [digitsOf(own), digitsOf(friend)].sort().join('');
}

function digitsOf(half: Uint8Array): string {
  let digits = '';
  for (let group = 0; group < DIGIT_GROUPS; group++) {
    const bytes = half.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES);
    const number = bytes.reduceRight((above, byte) => above * 256 + byte, 0);
    digits += String(number % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, '0');
  }
  return digits;
}

/** The text of the QR code that is shown to the friend. */
export function qrTextOf({ own, friend }: Fingerprint): string {
  const code = cborMap([
    ['f', friend],
    ['u', own],
    ['v', CODE_VERSION],
  ]);
  return toHex(encodeCbor(code));
}

/** The fingerprint in a QR code, as the person sees it who shows it. @throws UnreadableCode */
export function fingerprintFromQr(text: string): Fingerprint {
  try {
    if (text.length > CODE_MAX_CHARACTERS) throw new UnreadableCode();
    const what = 'the code';
    const map = asMap(decodeBlock(fromHex(text.trim())), what);
    if (asInteger(field(map, 'v', what), what) !== CODE_VERSION) throw new UnreadableCode();
    return {
      own: asBytesOf(field(map, 'u', what), HALF_BYTES, what),
      friend: asBytesOf(field(map, 'f', what), HALF_BYTES, what),
    };
  } catch (error) {
    if (!(error instanceof PyrgosError) || error instanceof UnreadableCode) throw error;
    throw new UnreadableCode({ cause: error });
  }
}

/**
 * Whether what was scanned, or typed as digits, is the other side of this fingerprint.
 * @throws UnreadableCode for anything else than a code of this kind
 */
export function isOtherSide(mine: Fingerprint, scanned: string): boolean {
  const digits = scanned.replaceAll(/\s/gu, '');
  if (/^\d{60}$/u.test(digits)) return digits === safetyNumber(mine);
  const shown = fingerprintFromQr(scanned);
  return equalBytes(shown.own, mine.friend) && equalBytes(shown.friend, mine.own);
}
