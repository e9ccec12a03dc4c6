/** Base 16. Written in lower case; both cases are read. */
import { MalformedBytes } from './errors.ts';

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Lower-case hex, two characters a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX_OF_BYTE[bytes[i] as number];
  return text;
}

/** Bytes of hex text in either case. Throws {@link MalformedBytes} for an odd length or another character. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new MalformedBytes('Hex text has an odd number of characters.');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i));
    const low = hexDigit(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) throw new MalformedBytes('Hex text has a character outside 0-9, a-f.');
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  if (code >= 0x41 && code <= 0x46) return code - 0x41 + 10;
  return -1;
}
