import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { systemRandom } from './random.ts';
import { createSelfSigned } from './self-signed.ts';

const FROM_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const UNTIL_MS = Date.UTC(2036, 0, 2, 3, 4, 5);

test('OpenSSL reads a certificate as what was asked for, and its signature is right', async () => {
  const made = await createSelfSigned('a node', FROM_MS, UNTIL_MS, systemRandom);
  const read = new X509Certificate(made.certificate);
  expect(read.subject).toBe('CN=a node');
  expect(read.issuer).toBe('CN=a node');
  expect(Date.parse(read.validFrom)).toBe(FROM_MS);
  expect(Date.parse(read.validTo)).toBe(UNTIL_MS);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  expect(createHash('sha256').update(read.raw).digest('hex')).toBe(toHex(made.fingerprint));
});

test('a serial number that would be negative or begins with zeros is written as DER wants it', async () => {
  for (const first of [0x80, 0x00]) {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(first);
    const { certificate } = await createSelfSigned('n', FROM_MS, UNTIL_MS, random);
    const { serialNumber } = new X509Certificate(certificate);
    expect(serialNumber).toBe(first === 0 ? '0' : '80'.repeat(16));
  }
});
