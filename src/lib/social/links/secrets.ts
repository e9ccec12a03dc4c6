/** What a secret link consists of: a label, and the password in its address (C-4 §4.1, §4.2). */
import type { Random } from '#lib/bytes/index.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD_CHARACTERS = 12;
const LABEL_BYTES = 4;

/** A label, uniformly from 1 to 2³² − 1. */
export function drawLabel(random: Random): number {
  for (;;) {
    const bytes = random(LABEL_BYTES);
    const label = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (label > 0) return label;
  }
}

/** Twelve characters, each uniformly: bytes that would favour some are thrown away. */
export function drawLinkPassword(random: Random): string {
  let password = '';
  while (password.length < PASSWORD_CHARACTERS) {
    const [byte = 0] = random(1);
    password += byte < ALPHABET.length ? (ALPHABET[byte] ?? '') : '';
  }
  return password;
}
