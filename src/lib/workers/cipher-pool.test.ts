import { afterEach, describe, expect, it } from 'vitest';
import { sha256Now, SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher, WrongKey } from '#lib/cryptree/index.ts';
import { serveCipher } from './cipher-protocol.ts';
import {
  CipherWorkerFailed,
  createCipherPool,
  type CipherPool,
  type CipherWorker,
} from './cipher-pool.ts';
import { unverifiedOf } from './testing.ts';

const CHUNK_BYTES = 5 * 1024 * 1024;
const local = createLocalChunkCipher(systemRandom);
const pools: CipherPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

/**
 * The worker's code behind a real message channel: what is transferred is really gone. One that is
 * stuck never says that it is ready.
 */
class ChannelWorker implements CipherWorker {
  readonly #channel = new MessageChannel();
  readonly #events = new EventTarget();
  readonly #heard = Promise.withResolvers<undefined>();
  /** Resolves when the pool was told that it is ready. */
  readonly ready = this.#heard.promise;
  jobs = 0;
  constructor(isStuck = false) {
    const { port1, port2 } = this.#channel;
    port1.onmessage = ({ data }) => {
      this.#events.dispatchEvent(new MessageEvent('message', { data }));
      setTimeout(() => this.#heard.resolve(undefined)); // what waits for the message goes first
    };
    if (isStuck) return;
    serveCipher(port2, Promise.resolve());
    port2.start();
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#events.addEventListener(type, listener as (event: Event) => void);
  }
  removeEventListener(type: string, listener: (event: never) => void): void {
    this.#events.removeEventListener(type, listener as (event: Event) => void);
  }
  die(): void {
    this.#events.dispatchEvent(new Event('error'));
  }
  postMessage(message: { method: string }, transfer: Transferable[]): void {
    if (message.method !== 'ready') this.jobs++;
    this.#channel.port1.postMessage(message, transfer);
  }
  terminate(): void {
    this.#channel.port1.close();
  }
}

async function pool(stuck: readonly boolean[] = [false, false]) {
  const workers = stuck.map((isStuck) => new ChannelWorker(isStuck));
  const made = createCipherPool(local);
  for (const worker of workers) made.add(worker);
  pools.push(made);
  await Promise.all(workers.filter((_, at) => stuck[at] !== true).map(({ ready }) => ready));
  return { made, workers };
}

describe('the cipher pool', () => {
  it('seals what the local cipher opens, and the reverse', async () => {
    const { made } = await pool();
    const key = SymmetricKey.random(systemRandom);
    for (const length of [0, 1, 4096, 1_000_000, CHUNK_BYTES]) {
      const plain = new Uint8Array(length).map((_, i) => i * 31);
      const digest = sha256Now(plain);
      const sealed = await made.seal({ plain: plain.slice(), dataKey: key, hashPlain: true });
      expect(sealed.plainSha256).toEqual(digest);
      expect(Buffer.compare(await local.open(unverifiedOf(sealed), key), plain)).toBe(0);
      const again = await local.seal({ plain: plain.slice(), dataKey: key });
      expect(Buffer.compare(await made.open(unverifiedOf(again), key), plain)).toBe(0);
      expect(await made.hash(plain.slice())).toEqual(digest);
    }
  });

  it('shares the work and takes the buffers over', async () => {
    const { made, workers } = await pool();
    const key = SymmetricKey.random(systemRandom);
    const plains = Array.from({ length: 6 }, () => new Uint8Array(200_000));
    await Promise.all(plains.map((plain) => made.seal({ plain, dataKey: key })));
    expect(workers.map(({ jobs }) => jobs)).toEqual([3, 3]);
    for (const plain of plains) expect(plain.byteLength).toBe(0);
  });

  it('keeps the class of an error', async () => {
    const { made } = await pool();
    const sealed = await made.seal({
      plain: new Uint8Array(9000),
      dataKey: SymmetricKey.random(systemRandom),
    });
    const opening = made.open(unverifiedOf(sealed), SymmetricKey.random(systemRandom));
    await expect(opening).rejects.toThrow(WrongKey);
  });

  it('works in this thread when there is no worker', async () => {
    const made = createCipherPool(local);
    expect(await made.hash(new Uint8Array(3))).toEqual(sha256Now(new Uint8Array(3)));
  });

  it('gives nothing to a worker that never gets ready', async () => {
    const one = await pool([true, false]);
    for (let i = 1; i <= 3; i++) {
      expect(await one.made.hash(new Uint8Array(i))).toEqual(sha256Now(new Uint8Array(i)));
    }
    expect(one.workers.map(({ jobs }) => jobs)).toEqual([0, 3]);
    const none = await pool([true, true]);
    expect(await none.made.hash(new Uint8Array(3))).toEqual(sha256Now(new Uint8Array(3)));
    expect(none.workers.map(({ jobs }) => jobs)).toEqual([0, 0]);
  });

  it('fails the jobs of a worker that dies, and goes on with the others', async () => {
    const { made, workers } = await pool();
    const lost = made.hash(new Uint8Array(10));
    workers[0]!.die();
    await expect(lost).rejects.toThrow(CipherWorkerFailed);
    expect(await made.hash(new Uint8Array(3))).toEqual(sha256Now(new Uint8Array(3)));
  });

  it('fails the jobs of a worker that is taken out, and goes on with the others', async () => {
    const made = createCipherPool(local);
    pools.push(made);
    const workers = [new ChannelWorker(), new ChannelWorker()];
    const [remove] = workers.map((worker) => made.add(worker));
    await Promise.all(workers.map(({ ready }) => ready));
    const lost = made.hash(new Uint8Array(10));
    remove!();
    await expect(lost).rejects.toThrow(CipherWorkerFailed);
    expect(await made.hash(new Uint8Array(3))).toEqual(sha256Now(new Uint8Array(3)));
    expect(workers.map(({ jobs }) => jobs)).toEqual([1, 1]);
  });
});
