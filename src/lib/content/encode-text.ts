/**
 * Text back into bytes of the encoding it was read in. Browsers write UTF-8 only; for the others the
 * table is made from what the browser's own decoder (WHATWG Encoding) says about every sequence of
 * bytes, so that reading what was written gives the same text.
 */
import type { TextEncodingName } from './text-encoding.ts';

/** Bytes, or the first character that the encoding has no bytes for. */
export type Encoded = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly unwritable: string };

/** Japanese with escapes between modes is read, but not written. */
export function isWritableEncoding(encoding: string): boolean {
  return encoding !== 'iso-2022-jp';
}

/** The bytes that mark the encoding at the beginning of a file; empty for encodings without any. */
export function byteOrderMark(encoding: string): Uint8Array<ArrayBuffer> {
  if (encoding === 'utf-8') return Uint8Array.of(0xef, 0xbb, 0xbf);
  if (encoding === 'utf-16le') return Uint8Array.of(0xff, 0xfe);
  return encoding === 'utf-16be' ? Uint8Array.of(0xfe, 0xff) : new Uint8Array();
}

/** @param encoding one of `ENCODINGS` */
export function encodeText(text: string, encoding: string): Encoded {
  switch (encoding as TextEncodingName) {
    case 'utf-8':
      return text.isWellFormed()
        ? { bytes: new TextEncoder().encode(text) }
        : { unwritable: /\p{Surrogate}/u.exec(text)?.[0] ?? '' };
    case 'utf-16le':
    case 'utf-16be':
      return { bytes: encodeUtf16(text, encoding === 'utf-16le') };
    case 'iso-2022-jp':
      return { unwritable: firstOf(text) };
    default:
      return encodeByTable(text, encoding);
  }
}

function encodeUtf16(text: string, isLittleEndian: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(at * 2, text.charCodeAt(at), isLittleEndian);
  }
  return bytes;
}

function encodeByTable(text: string, encoding: string): Encoded {
  const table = tableOf(encoding);
  const isFourByte = encoding === 'gb18030';
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const written =
      table.get(code) ?? (isFourByte ? (fourByteTable().get(code) ?? aboveBmp(code)) : undefined);
    if (written === undefined) return { unwritable: character };
    pushBytes(bytes, written);
  }
  return { bytes: Uint8Array.from(bytes) };
}

/** Big-endian, without leading zero bytes. */
function pushBytes(bytes: number[], written: number): void {
  if (written > 0xff_ffff) bytes.push(Math.floor(written / 0x100_0000));
  if (written > 0xffff) bytes.push((written >> 16) & 0xff);
  if (written > 0xff) bytes.push((written >> 8) & 0xff);
  bytes.push(written & 0xff);
}

/** Bytes as one number by code point. */
type Table = Map<number, number>;

const tables = new Map<string, Table>();
const MULTI_BYTE = new Set(['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr']);

function tableOf(encoding: string): Table {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table: Table = new Map();
  const reader = sequenceReader(encoding);
  for (let byte = 0; byte < 256; byte++) note(table, reader(byte), byte);
  if (MULTI_BYTE.has(encoding)) addPairs(table, encoding, reader);
  if (encoding === 'euc-jp') addTriples(table, reader);
  tables.set(encoding, table);
  return table;
}

/** The first sequence for a character is the one that is written. */
function note(table: Table, code: number | undefined, written: number): void {
  if (code !== undefined && !table.has(code)) table.set(code, written);
}

/** Characters that stand twice in Big5 and whose second sequence is written (WHATWG Encoding §5). */
const BIG5_LAST = new Set([0x25_50, 0x25_5e, 0x25_61, 0x25_6a, 0x53_41, 0x53_45]);

function addPairs(table: Table, encoding: string, reader: SequenceReader): void {
  for (const first of leadBytes(encoding)) {
    for (let second = 0x30; second <= 0xfe; second++) {
      const code = reader(first, second);
      const written = first * 256 + second;
      if (encoding === 'big5' && code !== undefined && BIG5_LAST.has(code)) {
        table.set(code, written);
      } else note(table, code, written);
    }
  }
}

/** First bytes of pairs; those that encoders do not write (WHATWG Encoding) come last. */
function leadBytes(encoding: string): number[] {
  const all = Array.from({ length: 0x7e }, (_, at) => 0x81 + at);
  const isLast = (first: number): boolean =>
    encoding === 'shift_jis' ? first >= 0xed && first <= 0xef : encoding === 'big5' && first < 0xa1;
  return [...all.filter((first) => !isLast(first)), ...all.filter(isLast)];
}

/** JIS X 0212. */
function addTriples(table: Table, reader: SequenceReader): void {
  for (let second = 0xa1; second <= 0xfe; second++) {
    for (let third = 0xa1; third <= 0xfe; third++) {
      note(table, reader(0x8f, second, third), 0x8f_00_00 + second * 256 + third);
    }
  }
}

let fourBytes: Table | undefined;

/** Characters below U+10000 for which GB 18030 takes four bytes. */
function fourByteTable(): Table {
  if (fourBytes !== undefined) return fourBytes;
  fourBytes = new Map();
  const reader = sequenceReader('gb18030');
  for (let pointer = 0; pointer < 39_420; pointer++) {
    const written = fourByteSequence(pointer);
    note(fourBytes, reader(...written), joined(written));
  }
  return fourBytes;
}

/** From U+10000 on the sequences of GB 18030 are in the order of the characters. */
function aboveBmp(code: number): number | undefined {
  return code < 0x1_0000 ? undefined : joined(fourByteSequence(code - 0x1_0000 + 189_000));
}

function fourByteSequence(pointer: number): number[] {
  return [
    Math.floor(pointer / 12_600) + 0x81,
    (Math.floor(pointer / 1260) % 10) + 0x30,
    (Math.floor(pointer / 10) % 126) + 0x81,
    (pointer % 10) + 0x30,
  ];
}

function joined(bytes: readonly number[]): number {
  return bytes.reduce((all, byte) => all * 256 + byte, 0);
}

/** The one code point that these bytes stand for; undefined for none and for several. */
type SequenceReader = (...bytes: number[]) => number | undefined;

function sequenceReader(encoding: string): SequenceReader {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (...bytes) => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      const code = text.codePointAt(0);
      return code !== undefined && text.length === (code > 0xffff ? 2 : 1) ? code : undefined;
    } catch {
      return undefined;
    }
  };
}

function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}
