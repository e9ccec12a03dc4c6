/**
 * In which encoding a text is written. UTF-8 and what has a mark at its beginning are certain;
 * everything else is a guess: each encoding decodes a sample, and the one that yields the most
 * likely text of a language it was made for is taken (`plausibility.ts`). A person can choose
 * another. All decoding is the browser's own (WHATWG Encoding).
 */
import { likelihood, type Script } from './plausibility.ts';

/** Encodings a person may choose, by the writing they were made for. */
export const ENCODINGS = {
  unicode: ['utf-8', 'utf-16le', 'utf-16be'],
  western: ['windows-1252', 'iso-8859-15', 'macintosh'],
  central: ['windows-1250', 'iso-8859-2'],
  baltic: ['windows-1257', 'iso-8859-13'],
  cyrillic: ['windows-1251', 'koi8-r', 'koi8-u', 'ibm866', 'iso-8859-5'],
  greek: ['windows-1253', 'iso-8859-7'],
  turkish: ['windows-1254'],
  hebrew: ['windows-1255', 'iso-8859-8'],
  arabic: ['windows-1256', 'iso-8859-6'],
  thai: ['windows-874'],
  vietnamese: ['windows-1258'],
  japanese: ['shift_jis', 'euc-jp', 'iso-2022-jp'],
  simplified: ['gb18030'],
  traditional: ['big5'],
  korean: ['euc-kr'],
} as const;
export type Writing = keyof typeof ENCODINGS;
export type TextEncodingName = (typeof ENCODINGS)[Writing][number];

/** What a guess chooses from; of equals the first is taken. */
const GUESSED: readonly (readonly [TextEncodingName, Script])[] = [
  ['windows-1252', 'western'],
  ['windows-1250', 'central'],
  ['windows-1251', 'cyrillic'],
  ['shift_jis', 'japanese'],
  ['euc-jp', 'japanese'],
  ['gb18030', 'simplified'],
  ['big5', 'traditional'],
  ['euc-kr', 'korean'],
  ['koi8-r', 'cyrillic'],
  ['ibm866', 'cyrillic'],
  ['windows-1253', 'greek'],
  ['windows-1254', 'turkish'],
  ['windows-1255', 'hebrew'],
  ['windows-1256', 'arabic'],
  ['windows-1257', 'baltic'],
  ['windows-874', 'thai'],
  ['iso-8859-2', 'central'],
  ['macintosh', 'western'],
];

/** Bytes of the sample a guess rests on: some hundred words. */
const SAMPLE_BYTES = 4 * 1024;
/** Of the one in which damage is counted. */
const LARGE_SAMPLE_BYTES = 64 * 1024;
/** One damaged character in this many does not make a text of another encoding. */
const SOUND_TO_DAMAGED = 8;
/** Control characters that texts hold: tab, line feed, form feed, return, escape; DOS ends with 26. */
const IN_TEXT = new Set([8, 9, 10, 12, 13, 26, 27]);

export interface Detected {
  readonly encoding: TextEncodingName;
  /** Whether it is surely text, or might be something else that happens to look like it. */
  readonly certain: boolean;
}

/**
 * The encoding of these bytes; undefined when they are no text.
 *
 * @param isCut whether they end in mid-file, perhaps in mid-character.
 */
export function detectEncoding(bytes: Uint8Array, isCut: boolean): Detected | undefined {
  const marked = byByteOrderMark(bytes);
  if (marked !== undefined) {
    return isReadable(bytes, marked) ? { encoding: marked, certain: true } : undefined;
  }
  if (bytes.includes(0)) return byZeros(bytes, isCut);
  if (bytes.some((byte) => byte < 32 && !IN_TEXT.has(byte))) return undefined;
  if (isJis(bytes, isCut)) return { encoding: 'iso-2022-jp', certain: true };
  if (decoded(bytes, 'utf-8', isCut) !== undefined) return { encoding: 'utf-8', certain: true };
  const { sound, damaged } = countUtf8(sampleOf(bytes, LARGE_SAMPLE_BYTES));
  if (sound >= damaged * SOUND_TO_DAMAGED) return { encoding: 'utf-8', certain: false };
  return { encoding: mostLikely(bytes), certain: false };
}

/** Text from bytes; what is damaged becomes a replacement sign. */
export function decodeText(bytes: Uint8Array, encoding: string, isCut: boolean): string {
  return new TextDecoder(encoding).decode(bytes, { stream: isCut });
}

function byByteOrderMark([a, b, c]: Uint8Array): TextEncodingName | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
}

/** Text of the encoding without anything that no text holds. */
function isReadable(bytes: Uint8Array, encoding: TextEncodingName): boolean {
  const text = decoded(bytes.subarray(0, SAMPLE_BYTES), encoding, true);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text !== undefined && !/[\0-\u0007\u000e-\u0019\u007f\ufffe\uffff]/u.test(text);
}

/** Zero bytes are in texts of two bytes a character only: in ASCII's, and in line ends of others. */
function byZeros(bytes: Uint8Array, isCut: boolean): Detected | undefined {
  const counts = [0, 0];
  bytes.forEach((byte, at) => (counts[at & 1]! += byte === 0 ? 1 : 0));
  const [even = 0, odd = 0] = counts;
  const encoding = odd > even ? 'utf-16le' : 'utf-16be';
  if (Math.min(even, odd) > 0 || (!isCut && bytes.length % 2 === 1)) return undefined;
  const text = decoded(bytes.subarray(0, SAMPLE_BYTES), encoding, true);
  if (text === undefined || !isReadable(bytes, encoding)) return undefined;
  return /^[\s\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}]+$/u.test(text)
    ? { encoding, certain: false }
    : undefined;
}

/** Japanese between escapes that switch to two bytes a character, all of them seven bits. */
function isJis(bytes: Uint8Array, isCut: boolean): boolean {
  const at = bytes.indexOf(27);
  if (at < 0 || bytes.some((byte) => byte > 127)) return false;
  const isSwitch = bytes[at + 1] === 0x24 && (bytes[at + 2] === 0x40 || bytes[at + 2] === 0x42);
  return isSwitch && decoded(bytes.subarray(0, SAMPLE_BYTES), 'iso-2022-jp', isCut) !== undefined;
}

/** How many characters of more than one byte are whole, and how many bytes belong to none. */
function countUtf8(bytes: Uint8Array): { sound: number; damaged: number } {
  let sound = 0;
  let damaged = 0;
  for (let at = 0; at < bytes.length;) {
    const length = utf8Length(bytes, at);
    if (length === 0) damaged += 1;
    else if (length > 1) sound += 1;
    at += Math.max(1, length);
  }
  return { sound, damaged };
}

/** 0 when no character begins here or it is not whole. */
function utf8Length(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const second = bytes[at + 1] ?? 0;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const isTooShort = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isTooHigh = (first === 0xed && second > 0x9f) || (first === 0xf4 && second > 0x8f);
  if (isTooShort || isTooHigh) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** The encoding that makes the most likely text of a sample. */
function mostLikely(bytes: Uint8Array): TextEncodingName {
  const sample = sampleOf(bytes, SAMPLE_BYTES);
  let best: TextEncodingName = 'windows-1252';
  let most = -Infinity;
  for (const [encoding, script] of GUESSED) {
    const text = decoded(sample, encoding, true);
    if (text === undefined) continue;
    const likely = likelihood(text, script, frequentShare(sample, encoding));
    if (likely > most) [best, most] = [encoding, likely];
  }
  return best;
}

/** First bytes of the characters an encoding keeps first: signs, kana, the frequent ideographs. */
const FREQUENT: Partial<Record<TextEncodingName, (first: number) => boolean>> = {
  shift_jis: (first) => (first >= 0x81 && first <= 0x83) || (first >= 0x88 && first <= 0x97),
  'euc-jp': (first) => first <= 0xa5 || (first >= 0xb0 && first <= 0xcf),
  gb18030: (first) => (first >= 0xa1 && first <= 0xa3) || (first >= 0xb0 && first <= 0xd7),
  big5: (first) => first >= 0xa1 && first <= 0xc6,
  'euc-kr': (first) => (first >= 0xa1 && first <= 0xa3) || (first >= 0xb0 && first <= 0xc8),
};

/** Of the characters of two bytes, the share that is kept among the frequent ones. */
function frequentShare(bytes: Uint8Array, encoding: TextEncodingName): number {
  const isFrequent = FREQUENT[encoding];
  if (isFrequent === undefined) return 0;
  let all = 0;
  let frequent = 0;
  for (let at = 0; at < bytes.length; at++) {
    const first = bytes[at]!;
    if (first < 0x80) continue;
    all += 1;
    frequent += isFrequent(first) ? 1 : 0;
    at += 1;
  }
  return all === 0 ? 0 : frequent / all;
}

/** Lines that hold more than ASCII; an English file may say its first foreign word late. */
function sampleOf(bytes: Uint8Array, length: number): Uint8Array {
  const first = bytes.findIndex((byte) => byte > 127);
  const start = bytes.lastIndexOf(10, first) + 1;
  return bytes.subarray(Math.max(start, first - length / 2), first + length / 2);
}

function decoded(bytes: Uint8Array, encoding: string, isCut: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}
