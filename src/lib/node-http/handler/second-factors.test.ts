/** Second factors over HTTP: what a client is asked for, and how codes and secrets look (B-3 §3, §5). */
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { cborMap, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { PATHS, SecondFactorRefused } from '#lib/protocol/index.ts';
import { keyPair } from '#lib/node-local/testing.ts';
import { askingFake } from './testing/asking.ts';
import type { Answer } from './testing/asking.ts';

const CREDENTIAL = Uint8Array.of(0x0a, 0xff);
const cbor = (answer: Answer) => decodeCbor(fromHex(answer.body));
const text = (answer: Answer) => new TextDecoder().decode(fromHex(answer.body));

describe('second factors', () => {
  const auth = '00';
  const query = { username: 'alice', auth, credid: toHex(CREDENTIAL), code: '123456' };

  test('an authenticator gets its secrets in base32, without padding', async () => {
    // RFC 4648 §10.
    const { ask } = askingFake(() => ({
      secondFactors: {
        addTotp: () => Promise.resolve({ credential: utf8('foob'), secret: utf8('fooba') }),
        addMount: () => Promise.resolve({ credential: utf8('f'), secret: utf8('foobar') }),
      },
    }));
    expect(text(await ask(PATHS.addTotp, { query }))).toBe('MZXW6YQ:MZXW6YTB');
    const mount = await ask(PATHS.addMount, { query: { ...query, name: 'my laptop' } });
    expect(text(mount)).toBe('MY:MZXW6YTBOI');
  });

  test('a code is answered with a CBOR truth', async () => {
    const { ask, given } = askingFake((note) => ({
      secondFactors: {
        enableTotp: (...parts: unknown[]) => {
          note(...parts);
          return Promise.resolve(false);
        },
        remove: () => Promise.resolve(true),
      },
    }));
    expect((await ask(PATHS.enableTotp, { query })).body).toBe('f4');
    expect(given).toEqual(['alice', CREDENTIAL, '123456', Uint8Array.of(0)]);
    expect((await ask(PATHS.deleteMfa, { query })).body).toBe('f5');
  });

  const methods = [1, 2, 3, 4, 9].map((t) => cborMap([['t', t]]));
  const challenge: CborValue = cborMap([
    ['a', false],
    [
      'r',
      cborMap([
        ['m', methods],
        ['c', new Uint8Array(32)],
      ]),
    ],
  ]);
  const login = {
    username: 'alice',
    author: toHex(encodeCbor(keyPair('login').publicKey.toCbor())),
    auth,
  };

  test.each([
    ['1,2,3,4', [1, 2, 3]],
    ['2', [2]],
    ['', []],
    [undefined, [1, 2]],
  ])('of those a client understands (%s) it is asked for %j', async (mfaTypes, types) => {
    const { ask } = askingFake(() => ({
      accounts: { getLogin: () => Promise.resolve(challenge) },
    }));
    const more = mfaTypes === undefined ? {} : { mfaTypes };
    const answer = cbor(await ask(PATHS.getLogin, { query: { ...login, ...more } })) as Map<
      string,
      CborValue
    >;
    const asked = answer.get('r') as Map<string, CborValue>;
    const offered = asked.get('m') as Map<string, CborValue>[];
    expect(offered.map((method) => method.get('t'))).toEqual(types);
    expect(asked.get('c')).toEqual(new Uint8Array(32));
  });

  test('a wrong code is refused with the words clients look for', async () => {
    const { ask, given } = askingFake((note) => ({
      accounts: {
        getLogin: (...parts: unknown[]) => {
          note(parts[3]);
          return Promise.reject(new SecondFactorRefused('code'));
        },
      },
    }));
    const response = cborMap([
      ['i', CREDENTIAL],
      ['r', '000000'],
    ]);
    const answer = await ask(PATHS.getLogin, {
      query: { ...login, mfa: toHex(encodeCbor(response)) },
    });
    expect([answer.status, answer.error]).toEqual([400, 'Invalid TOTP code for credId 0aff']);
    expect(given).toEqual([{ response }]);
    const mfa = toHex(encodeCbor(response));
    await ask(PATHS.getLogin, { query: { ...login, mfa, session: '0b0c' } });
    expect(given.at(-1)).toEqual({ response, session: Uint8Array.of(0x0b, 0x0c) });
    const long = { ...login, mfa, session: '00'.repeat(65) };
    expect((await ask(PATHS.getLogin, { query: long })).status).toBe(400);
    expect(given).toHaveLength(2);
  });
});
