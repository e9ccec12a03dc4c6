/** What one side writes of second factors the other reads; anything else is refused by name (B-3 §5). */
import { describe, expect, it } from 'vitest';
import { cborMap, decodeCbor, encodeCbor, MalformedCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import {
  backupCodesFromCbor,
  backupCodesToCbor,
  challengeFromCbor,
  challengeToCbor,
  loginResponseFromCbor,
  loginResponseToCbor,
  registrationFromCbor,
  secondFactorFromCbor,
  secondFactorResponseFromCbor,
  secondFactorResponseToCbor,
  secondFactorsFromCbor,
  secondFactorToCbor,
} from './second-factor.ts';
import type { SecondFactor, SecurityKeyProof } from './second-factor.ts';

const bytes = (value: number) => new Uint8Array(4).fill(value);
const travelled = (value: CborValue): CborValue => decodeCbor(encodeCbor(value));

const factor = (kind: SecondFactor['kind']): SecondFactor => ({
  kind,
  name: `my ${kind}`,
  credential: bytes(1),
  createdDay: 20_000,
  isEnabled: true,
});
const FACTORS = (['totp', 'security-key', 'backup-codes', 'mount'] as const).map(factor);
const KEY_PROOF: SecurityKeyProof = {
  credential: bytes(1),
  authenticatorData: bytes(2),
  clientData: bytes(3),
  signature: bytes(4),
};

describe('second factors on the wire', () => {
  it('are numbered 1 to 4', () => {
    const types = FACTORS.map((each) =>
      (secondFactorToCbor(each) as Map<string, CborValue>).get('t'),
    );
    expect(types).toEqual([1, 2, 3, 4]);
  });

  it('come back as they went, in a question as well', () => {
    expect(secondFactorsFromCbor(travelled(FACTORS.map(secondFactorToCbor)))).toEqual(FACTORS);
    const asked = { factors: FACTORS, challenge: bytes(9) };
    expect(challengeFromCbor(travelled(challengeToCbor(asked)))).toEqual(asked);
    const response = { isOpen: false, content: challengeToCbor(asked) };
    expect(loginResponseFromCbor(travelled(loginResponseToCbor(response)))).toEqual(response);
  });

  it('of a kind that is not known are left out', () => {
    const later = cborMap(
      new Map(secondFactorToCbor(factor('totp')) as Map<string, CborValue>).set('t', 9),
    );
    expect(secondFactorFromCbor(later)).toBeUndefined();
    expect(secondFactorsFromCbor([later, secondFactorToCbor(factor('totp'))])).toEqual([
      factor('totp'),
    ]);
  });

  it('are answered by a code or by a security key', () => {
    for (const response of [{ credential: bytes(1), code: '123456' }, KEY_PROOF]) {
      const back = secondFactorResponseFromCbor(travelled(secondFactorResponseToCbor(response)));
      expect(back).toEqual(response);
    }
  });

  it('take the registration of a security key without a signature', () => {
    const { signature: _, ...rest } = KEY_PROOF;
    const unsigned = cborMap([
      ['i', rest.credential],
      [
        'r',
        cborMap([
          ['a', rest.authenticatorData],
          ['c', rest.clientData],
        ]),
      ],
    ]);
    expect(registrationFromCbor(unsigned)).toEqual(rest);
    expect(registrationFromCbor(secondFactorResponseToCbor(KEY_PROOF))).toEqual(rest);
    expect(() => secondFactorResponseFromCbor(unsigned)).toThrow(MalformedCbor);
  });

  it('have backup codes that come back as they went', () => {
    const codes = { credential: bytes(1), codes: ['aaaaabbbbb', 'cccccddddd'] };
    expect(backupCodesFromCbor(travelled(backupCodesToCbor(codes)))).toEqual(codes);
  });

  it.each([
    ['a factor', secondFactorFromCbor],
    ['a list', secondFactorsFromCbor],
    ['a question', challengeFromCbor],
    ['an answer', secondFactorResponseFromCbor],
    ['a registration', registrationFromCbor],
    ['backup codes', backupCodesFromCbor],
    ['a login response', loginResponseFromCbor],
  ])('refuse %s of another form by name', (_what, parse) => {
    for (const value of [null, 1, 'x', [1], bytes(1), cborMap([]), cborMap([['i', 'x']])]) {
      expect(() => parse(value)).toThrow(MalformedCbor);
    }
  });
});
