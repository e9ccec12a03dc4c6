/** Authenticators made of Node's own cryptography sign; this room checks. */
import { createHash, generateKeyPairSync, randomBytes, sign as nodeSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSecurityKeyVerifier } from './security-keys.ts';

const SITE = { id: 'drive.example', origins: ['https://drive.example'] };
const CHALLENGE = new Uint8Array(randomBytes(32));
const { register, verify } = createSecurityKeyVerifier(SITE);

const head = (major: number, n: number): Buffer =>
  n < 24
    ? Buffer.from([(major << 5) | n])
    : n < 256
      ? Buffer.from([(major << 5) | 24, n])
      : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
const int = (n: number) => (n < 0 ? head(1, -1 - n) : head(0, n));
const bytes = (b: Uint8Array) => Buffer.concat([head(2, b.length), b]);
const text = (t: string) => Buffer.concat([head(3, t.length), Buffer.from(t)]);
const map = (...pairs: [Buffer, Buffer][]) =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

interface Authenticator {
  readonly cose: Buffer;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

const part = (key: KeyObject, name: 'x' | 'y' | 'n' | 'e') =>
  Buffer.from(key.export({ format: 'jwk' })[name] ?? '', 'base64url');

function es256(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cose = map(
    [int(1), int(2)],
    [int(3), int(-7)],
    [int(-1), int(1)],
    [int(-2), bytes(part(publicKey, 'x'))],
    [int(-3), bytes(part(publicKey, 'y'))],
  );
  return { cose, sign: (message) => nodeSign('sha256', message, privateKey) };
}

function eddsa(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const cose = map(
    [int(1), int(1)],
    [int(3), int(-8)],
    [int(-1), int(6)],
    [int(-2), bytes(part(publicKey, 'x'))],
  );
  return { cose, sign: (message) => nodeSign(null, message, privateKey) };
}

function rs256(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cose = map(
    [int(1), int(3)],
    [int(3), int(-257)],
    [int(-1), bytes(part(publicKey, 'n'))],
    [int(-2), bytes(part(publicKey, 'e'))],
  );
  return { cose, sign: (message) => nodeSign('sha256', message, privateKey) };
}

interface Twist {
  readonly type?: string;
  readonly origin?: string;
  readonly challenge?: Uint8Array;
  readonly crossOrigin?: boolean;
  readonly site?: string;
  readonly flags?: number;
  readonly counter?: number;
}

const clientData = (type: string, twist: Twist) =>
  new Uint8Array(
    Buffer.from(
      JSON.stringify({
        type: twist.type ?? type,
        challenge: Buffer.from(twist.challenge ?? CHALLENGE).toString('base64url'),
        origin: twist.origin ?? 'https://drive.example',
        crossOrigin: twist.crossOrigin ?? false,
      }),
    ),
  );

function authenticatorData(twist: Twist, flags: number, rest: Uint8Array = new Uint8Array()) {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(twist.counter ?? 7);
  return Buffer.concat([
    createHash('sha256')
      .update(twist.site ?? SITE.id)
      .digest(),
    Buffer.from([twist.flags ?? flags]),
    counter,
    rest,
  ]);
}

const CREDENTIAL = new Uint8Array(randomBytes(20));

function registration({ cose }: Authenticator, twist: Twist = {}) {
  const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, 20]), CREDENTIAL, cose]);
  const attestationObject = map(
    [text('fmt'), text('none')],
    [text('attStmt'), map()],
    [text('authData'), bytes(authenticatorData(twist, 0x41, attested))],
  );
  const clientDataJson = clientData('webauthn.create', twist);
  return { credential: CREDENTIAL, attestationObject, clientDataJson };
}

function assertion(key: Authenticator, twist: Twist = {}) {
  const data = authenticatorData({ counter: 8, ...twist }, 0x01);
  const clientDataJson = clientData('webauthn.get', twist);
  const hash = createHash('sha256').update(clientDataJson).digest();
  return {
    authenticatorData: data,
    clientDataJson,
    signature: key.sign(Buffer.concat([data, hash])),
  };
}

async function registered(key: Authenticator) {
  const made = await register(registration(key), CHALLENGE);
  if (made === undefined) throw new Error('not registered');
  return made;
}

describe.each([
  ['ES256', es256],
  ['EdDSA', eddsa],
  ['RS256', rs256],
])('a security key with %s', (_name, create) => {
  const key = create();

  test('registers and signs in', async () => {
    const made = await registered(key);
    expect(made).toEqual({
      credential: CREDENTIAL,
      publicKey: new Uint8Array(key.cose),
      counter: 7,
    });
    expect(await verify(made, assertion(key), CHALLENGE)).toBe(8);
  });

  test('is refused with a signature of another key or of other data', async () => {
    const made = await registered(key);
    expect(await verify(made, assertion(create()), CHALLENGE)).toBeUndefined();
    const good = assertion(key);
    const { signature } = assertion(key, { counter: 9 });
    expect(await verify(made, { ...good, signature }, CHALLENGE)).toBeUndefined();
    const cut = { ...good, signature: good.signature.slice(1) };
    expect(await verify(made, cut, CHALLENGE)).toBeUndefined();
  });
});

const twists: [string, Twist][] = [
  ['for another purpose', { type: 'payment.get' }],
  ['from another origin', { origin: 'https://evil.example' }],
  ['from a frame of another site', { crossOrigin: true }],
  ['for another challenge', { challenge: new Uint8Array(32) }],
  ['for another site', { site: 'evil.example' }],
  ['with nobody present', { flags: 0x40 }],
];

test.each(twists)('a security key %s is refused', async (_what, twist) => {
  const key = es256();
  expect(await register(registration(key, twist), CHALLENGE)).toBeUndefined();
  expect(await verify(await registered(key), assertion(key, twist), CHALLENGE)).toBeUndefined();
});

test('a counter that does not go up is refused, unless the key never counts', async () => {
  const key = es256();
  const made = await registered(key);
  expect(await verify(made, assertion(key, { counter: 7 }), CHALLENGE)).toBeUndefined();
  expect(await verify(made, assertion(key, { counter: 0 }), CHALLENGE)).toBeUndefined();
  const silent = { ...made, counter: 0 };
  expect(await verify(silent, assertion(key, { counter: 0 }), CHALLENGE)).toBe(0);
});

test('whatever bytes come instead, they are refused and nothing throws', async () => {
  const key = es256();
  const good = registration(key);
  const made = await registered(key);
  for (let i = 0; i < good.attestationObject.length; i++) {
    const cut = good.attestationObject.subarray(0, i);
    expect(await register({ ...good, attestationObject: cut }, CHALLENGE)).toBeUndefined();
  }
  for (const clientDataJson of [new Uint8Array(), Buffer.from('[]'), Buffer.from('"a"')]) {
    expect(await register({ ...good, clientDataJson }, CHALLENGE)).toBeUndefined();
  }
  const other = { ...good, credential: new Uint8Array(20) };
  expect(await register(other, CHALLENGE)).toBeUndefined();
  const short = { ...assertion(key), authenticatorData: new Uint8Array(36) };
  expect(await verify(made, short, CHALLENGE)).toBeUndefined();
  const offCurve = Buffer.from(key.cose);
  offCurve[12] = (offCurve[12] ?? 0) ^ 1;
  expect(await register(registration({ ...key, cose: offCurve }), CHALLENGE)).toBeUndefined();
  const odd = map([int(1), int(2)], [int(3), int(-7)], [int(-1), int(2)]);
  expect(await register(registration({ ...key, cose: odd }), CHALLENGE)).toBeUndefined();
});
