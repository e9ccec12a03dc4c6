/** Nonsense of many kinds, to every call: always an answer, never a fault of the node, nothing echoed raw. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex, toMultibase } from '#lib/bytes/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { signRequest, signTime } from '#lib/crypto/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { createBench, NOW_MS, TestAccount } from '#lib/node-local/testing.ts';
import { framed } from '../wire/framing.ts';
import { handleRequest } from './handle-request.ts';
import { HOST } from './testing/asking.ts';

const RUNS = 1000;
/** A Trailer is form-encoded: no character of it can end a header or mean anything to a page. */
const FORM_ENCODED = /^[A-Za-z0-9.*_+%-]*$/u;
const NAMES = ['owner', 'writer', 'username', 'auth', 'arg', 'bat', 'caps', 'label', 'transaction', 'format',
  'signatures', 'author', 'mfa', 'mfaTypes', 'credid', 'code', 'name', 'keyname', 'batid', 'req', 'admin',
  'email', 'local', 'constructor', '__proto__']; // prettier-ignore

const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 100 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .dictionary(
        fc.constantFrom('b', 's', 'p', 'w', 'm', 'i', 'u', 't', 'type', 'prefix'),
        tie('value'),
      )
      .map((fields) => cborMap(Object.entries(fields))),
  ),
})).value;

async function plausible(): Promise<{ node: TestAccount['node']; values: string[] }> {
  const { node } = createBench();
  const alice = await TestAccount.signUp(node);
  const [cid] = await alice.put(alice.home, 'tid', [['a block']]);
  const values = [
    alice.owner.toString(),
    alice.home.hash.toString(),
    alice.username,
    cid!.toString(),
    toHex(encodeCbor(alice.login.publicKey.toCbor())),
    toHex(await signTime(alice.identity, NOW_MS)),
    ...(await Promise.all(
      [PATHS.listMfa, PATHS.getUserBats, PATHS.addBat].map(async (path) =>
        toHex(await signRequest(alice.identity, path, NOW_MS)),
      ),
    )),
    alice.mirrorBat.toSecretText(),
    toMultibase(encodeCbor([])),
    'dag-cbor',
    'raw',
    'true',
    '1',
    'peergos',
    '', // prettier-ignore
  ];
  return { node, values };
}

test('every call survives nonsense', async () => {
  const { node, values } = await plausible();
  const faults: unknown[] = [];
  const answer = handleRequest(node, {
    hosts: [HOST],
    isPublic: true,
    pageOrigins: [],
    clock: () => NOW_MS,
    onError: (endpoint, error) => faults.push([endpoint, error]),
  });
  const bytes = fc.uint8Array({ maxLength: 200 });
  const body = fc.oneof(
    bytes,
    cborValue.map(encodeCbor),
    fc.array(fc.oneof(bytes, cborValue.map(encodeCbor))).map((parts) => {
      const frames = parts.map(framed);
      return new Uint8Array(frames.flatMap((frame) => [...frame]));
    }),
  );
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...values) },
    fc.string(),
    fc.string({ unit: 'binary' }),
    bytes.map(toHex),
    cborValue.map((value) => toMultibase(encodeCbor(value))),
  );
  const request = fc.record({
    path: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...Object.values(PATHS)) },
      fc.webPath().map((path) => `public${path}`),
    ),
    query: fc.array(fc.tuple(fc.constantFrom(...NAMES), text), { maxLength: 16 }),
    body,
    isGet: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ path, query, body, isGet }) => {
      const parts = query.map(
        ([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`,
      );
      const url = `https://${HOST}/${path}?${parts.join('&')}`;
      const init = isGet ? { method: 'GET' } : { method: 'POST', body: body as BodyInit };
      const answered = await answer(new Request(url, init));
      expect([200, 302, 400, 404, 405]).toContain(answered.status);
      expect(answered.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answered.headers.get('trailer') ?? '').toMatch(FORM_ENCODED);
      if (answered.status === 400) expect(await answered.text()).toBe('');
      expect(faults).toEqual([]);
    }),
    { numRuns: RUNS, seed: 20260 },
  );
}, 120_000);
