/** Base32, base32hex and base64 by bit groups. Readers refuse what a writer would not have made. */
import { MalformedBytes } from './errors.ts';

/** How many bits one character carries, and the characters in order. */
export interface BitAlphabet {
  readonly bits: 5 | 6;
  readonly characters: string;
}

export const BASE32: BitAlphabet = { bits: 5, characters: 'abcdefghijklmnopqrstuvwxyz234567' };
export const BASE32_HEX: BitAlphabet = { bits: 5, characters: '0123456789abcdefghijklmnopqrstuv' };
export const BASE64: BitAlphabet = {
  bits: 6,
  characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
};

/** Text of `bytes` without padding. */
export function toBitGroups(bytes: Uint8Array, { bits, characters }: BitAlphabet): string {
  const mask = (1 << bits) - 1;
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= bits) {
      heldBits -= bits;
      text += characters[(held >> heldBits) & mask] as string;
    }
    held &= (1 << heldBits) - 1;
  }
  if (heldBits > 0) text += characters[(held << (bits - heldBits)) & mask] as string;
  return text;
}

/** Bytes of unpadded `text`. Throws {@link MalformedBytes} for foreign characters, impossible lengths and stray bits. */
export function fromBitGroups(text: string, { bits, characters }: BitAlphabet): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * bits) / 8));
  let held = 0;
  let heldBits = 0;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = characters.indexOf(text[i] as string);
    if (digit < 0) throw new MalformedBytes('The text has a character outside its alphabet.');
    held = (held << bits) | digit;
    heldBits += bits;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[length++] = held >> heldBits;
      held &= (1 << heldBits) - 1;
    }
  }
  if (heldBits >= bits || held !== 0) throw new MalformedBytes('The text ends in stray bits.');
  return bytes;
}
