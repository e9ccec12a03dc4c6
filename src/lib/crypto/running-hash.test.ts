import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { runningSha256 } from './hash.ts';

it('SHA-256 of pieces is that of the whole, wherever it is cut', () => {
  const whole = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 0xff);
  for (const cut of [0, 1, 63, 64, 65, 299, 300]) {
    const hash = runningSha256();
    hash.update(whole.subarray(0, cut));
    hash.update(whole.subarray(cut));
    expect(toHex(hash.digest())).toBe(createHash('sha256').update(whole).digest('hex'));
  }
});
