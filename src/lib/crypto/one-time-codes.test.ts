import { describe, expect, test } from 'vitest';
import { fromBase32, utf8 } from '#lib/bytes/index.ts';
import { partB } from '../../../tests/vectors/load.ts';
import { codeStepAt, oneTimeCode } from './one-time-codes.ts';

/** RFC 6238, appendix B, the rows of SHA-1; RFC 4226, appendix D. */
const SECRET = utf8('12345678901234567890');

describe('one-time codes', () => {
  test.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('RFC 6238 at %i s', (seconds, code) => {
    expect(oneTimeCode(SECRET, codeStepAt(seconds * 1000), 8)).toBe(code);
    expect(oneTimeCode(SECRET, codeStepAt(seconds * 1000))).toBe(code.slice(2));
  });

  test('the value printed with B-8', () => {
    const printed = partB<{ addTotpResponse: string; unixSeconds: number; code: string }>('totp');
    const [credential, secret] = printed.addTotpResponse.split(':').map(fromBase32);
    expect(credential).toEqual(new Uint8Array(32).fill(1));
    expect(secret).toEqual(Uint8Array.from({ length: 32 }, (_, i) => i));
    expect(oneTimeCode(secret!, codeStepAt(printed.unixSeconds * 1000))).toBe(printed.code);
  });

  test('RFC 4226 counts', () => {
    const codes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => oneTimeCode(SECRET, count));
    expect(codes).toEqual(
      '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' '),
    );
  });
});
