/**
 * Generated passphrases: seven words drawn uniformly from 2,048, which is 77 bits — more than can
 * be searched behind scrypt.
 */
import type { Random } from '#lib/bytes/index.ts';

export const PASSPHRASE_WORDS = 7;

/** Draws a passphrase of seven words, separated by blanks. */
export async function generatePassphrase(random: Random): Promise<string> {
  const { WORDS } = await import('./passphrase-words.ts');
  const words: string[] = [];
  for (let i = 0; i < PASSPHRASE_WORDS; i++) words.push(WORDS[drawBelow(WORDS.length, random)]!);
  return words.join(' ');
}

/** A uniform number below `limit` (≤ 65,536): draws that would favour low numbers are thrown away. */
function drawBelow(limit: number, random: Random): number {
  const fair = 0x10000 - (0x10000 % limit);
  for (;;) {
    const [low, high] = random(2) as unknown as [number, number];
    const draw = low | (high << 8);
    if (draw < fair) return draw % limit;
  }
}
