import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from './engine.ts';
import { nobleOperations as noble } from './noble.ts';
import { testOperation } from './self-test.ts';
import type * as Start from './start.ts';
import type { Operations } from './operations.ts';

let startCrypto: typeof Start.startCrypto;
let inUse: Operations;

beforeEach(async () => {
  vi.resetModules(); // each realm chooses once
  ({ startCrypto } = await import('./start.ts'));
  ({ inUse } = await import('./engine.ts'));
});

const engineOf = (name: string, operations: Partial<Operations>) => (): Promise<Engine> =>
  Promise.resolve({ name, operations });

describe('choosing engines', () => {
  it('finds faster ones for every operation that has one', async () => {
    const { chosen, refused } = await startCrypto();
    expect(refused).toEqual([]);
    expect(chosen).toEqual({
      sha256Now: 'Node',
      sha256: 'Node',
      blake2b512: 'Node',
      scrypt: 'Node',
      seal: 'libsodium',
      open: 'libsodium',
      ed25519PublicKey: 'libsodium',
      ed25519Sign: 'libsodium',
      ed25519Verify: 'libsodium',
      x25519PublicKey: 'libsodium',
      x25519: 'libsodium',
    });
  });

  it('finds the same ones when they are bundled in', async () => {
    const { staticEngines } = await import('./static-engines.ts');
    const { chosen, refused } = await startCrypto({ engines: staticEngines });
    expect(refused).toEqual([]);
    expect(Object.values(chosen)).not.toContain('noble');
  });

  it('decides once, however often it is asked', async () => {
    const first = startCrypto({ engines: [] });
    expect(startCrypto()).toBe(first);
    expect(new Set(Object.values((await first).chosen))).toEqual(new Set(['noble']));
  });

  it('goes on without an engine that cannot be loaded, and says so', async () => {
    const report = await startCrypto({
      engines: [() => Promise.reject(new Error('WebAssembly is forbidden here'))],
    });
    expect(report.refused).toEqual(['not loaded: Error: WebAssembly is forbidden here']);
    expect(report.chosen.seal).toBe('noble');
  });

  it('takes the first engine that agrees', async () => {
    const wrong = engineOf('wrong', { sha256Now: () => new Uint8Array(32) });
    const right = engineOf('right', { sha256Now: (data) => noble.sha256Now(data) });
    const late = engineOf('late', { sha256Now: (data) => noble.sha256Now(data) });
    const report = await startCrypto({ engines: [wrong, right, late] });
    expect(report.chosen.sha256Now).toBe('right');
    expect(report.refused).toEqual(['wrong disagrees on sha256Now']);
    expect(inUse.sha256Now).not.toBe(noble.sha256Now);
    expect(inUse.seal(new Uint8Array(32), new Uint8Array(24), new Uint8Array(1), new Uint8Array(17))).toBe(undefined); // prettier-ignore
  });

  it('leaves alone the operations that a realm does not use', async () => {
    const { chosen } = await startCrypto({ operations: ['open', 'sha256'] });
    const changed = Object.entries(chosen).filter(([, engine]) => engine !== 'noble');
    expect(changed).toEqual([
      ['sha256', 'Node'],
      ['open', 'libsodium'],
    ]);
  });

  it('lets other work in between two operations, and scrypt wait for its engine', async () => {
    const reference = inUse.scrypt;
    const seen: string[] = [];
    const slow = engineOf('slow', {
      sha256Now: (data) => noble.sha256Now(data),
      scrypt: (...args) => noble.scrypt(...args),
    });
    const started = startCrypto({
      engines: [slow],
      pause: () => {
        seen.push(inUse.scrypt === reference ? 'reference' : 'engine');
        return Promise.resolve();
      },
    });
    const { scrypt } = await import('./hash.ts');
    const cost = { log2N: 4, r: 8, p: 1, length: 32 };
    const [password, salt] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    const early = scrypt(password, salt, cost).then((out) => {
      expect(inUse.scrypt).not.toBe(reference);
      return out;
    });
    await started;
    expect(seen).toEqual(['reference', 'engine']);
    expect(await early).toEqual(await noble.scrypt(password, salt, cost));
  });

  it('lets nobody wait for what no engine does', async () => {
    await startCrypto({ engines: [] });
    const { decided } = await import('./engine.ts');
    await decided('scrypt');
  });

  it('answers plain data, fit for a worker border', async () => {
    const report = await startCrypto({ engines: [] });
    expect(structuredClone(report)).toEqual(report);
  });
});

/** Engines that are wrong in one way each. */
const LIARS: [string, Partial<Operations>][] = [
  [
    'throws',
    {
      seal: () => {
        throw new Error('no');
      },
    },
  ],
  ['hashes wrongly from a length on', { sha256Now: (d) => noble.sha256Now(d.subarray(0, 4096)) }],
  ['hashes wrongly, later', { sha256: (d) => noble.sha256(d.subarray(0, 4096)) }],
  [
    'hashes wrongly around a block',
    { blake2b512: (d) => noble.blake2b512(d.length === 64 ? d.subarray(1) : d) },
  ],
  ['ignores the parallelism', { scrypt: (a, b, c) => noble.scrypt(a, b, { ...c, p: 1 }) }],
  ['seals nothing', { seal: () => undefined }],
  [
    'ignores the nonce',
    { seal: (k, _n, plain, out) => noble.seal(k, new Uint8Array(24), plain, out) },
  ],
  ['opens anything', { open: (k, n, sealed, plain) => noble.open(k, n, sealed, plain) || true }],
  ['opens nothing', { open: () => false }],
  ['derives another public key', { ed25519PublicKey: (seed) => seed.slice() }],
  ['signs at random', { ed25519Sign: () => new Uint8Array(64) }],
  ['believes every signature', { ed25519Verify: () => true }],
  ['believes no signature', { ed25519Verify: () => false }],
  ['derives another curve key', { x25519PublicKey: (secret) => secret.slice() }],
  [
    'shares a secret with low order',
    { x25519: (s, p) => noble.x25519(s, p) ?? new Uint8Array(32) },
  ],
  ['shares no secret', { x25519: () => undefined }],
];

describe('the self-test refuses an engine that', () => {
  it.each(LIARS)('%s', async (_, operations) => {
    const [name] = Object.keys(operations) as (keyof Operations)[];
    expect(await testOperation(name!, operations)).toBe(false);
  });

  it('multiplies signatures by the cofactor', async () => {
    const { ed25519 } = await import('@noble/curves/ed25519.js');
    const cofactored: Partial<Operations> = {
      ed25519Verify: (publicKey, message, signature) =>
        ed25519.verify(signature, message, publicKey),
    };
    expect(await testOperation('ed25519Verify', cofactored)).toBe(false);
  });

  it('but not the reference itself', async () => {
    for (const name of Object.keys(noble) as (keyof Operations)[]) {
      expect(await testOperation(name, noble), name).toBe(true);
    }
  });
});
