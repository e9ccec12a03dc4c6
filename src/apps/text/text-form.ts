/** How a text is written into bytes, and the two ways between them. */
import {
  byteOrderMark,
  decodeText,
  detectEncoding,
  encodeText,
  isWritableEncoding,
  type Encoded,
} from '#lib/content/index.ts';
import { lineEndsOf, withLineEnds, withLineFeeds, type LineEnds } from './line-ends.ts';

export interface TextForm {
  readonly encoding: string;
  /** Whether the file begins with the mark of its encoding. */
  readonly hasMark: boolean;
  readonly lineEnds: LineEnds;
}

/** Bytes that tell the encoding. */
const SAMPLE_BYTES = 64 * 1024;
/** What every byte has a character in; for bytes that are no text. */
const ANY_BYTES = 'windows-1252';

export interface ReadText {
  /** Lines end in line feeds, unless they are mixed. */
  readonly text: string;
  readonly form: TextForm;
  /** Whether writing the text as it is gives the same bytes again. */
  readonly isExact: boolean;
  /** Whether the bytes look like a text at all. */
  readonly isText: boolean;
}

/** @param chosen by a person; absent: the one that is detected */
export function readText(bytes: Uint8Array, chosen?: string): ReadText {
  const detected = detectEncoding(bytes.subarray(0, SAMPLE_BYTES), bytes.length > SAMPLE_BYTES);
  const encoding = chosen ?? detected?.encoding ?? (bytes.length === 0 ? 'utf-8' : ANY_BYTES);
  const mark = byteOrderMark(encoding);
  const hasMark = mark.length > 0 && mark.every((byte, at) => bytes[at] === byte);
  const whole = decodeText(bytes, encoding, false);
  const lineEnds = lineEndsOf(whole);
  const form = { encoding, hasMark, lineEnds };
  const text = withLineFeeds(whole, lineEnds);
  const again = isWritableEncoding(encoding) ? writeText(text, form) : undefined;
  const isExact = again !== undefined && 'bytes' in again && isSame(again.bytes, bytes);
  return { text, form, isExact, isText: detected !== undefined || bytes.length === 0 };
}

/** The bytes of a text; or the character that has none in this encoding. */
export function writeText(text: string, { encoding, hasMark, lineEnds }: TextForm): Encoded {
  const encoded = encodeText(withLineEnds(text, lineEnds), encoding);
  if (!hasMark || !('bytes' in encoded)) return encoded;
  const mark = byteOrderMark(encoding);
  const bytes = new Uint8Array(mark.length + encoded.bytes.length);
  bytes.set(mark);
  bytes.set(encoded.bytes, mark.length);
  return { bytes };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
