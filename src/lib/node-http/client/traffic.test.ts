/** How requests share the line: few at once, together where they can, none in vain. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import {
  asBytes,
  asList,
  asMap,
  cborMap,
  Cid,
  CODEC,
  decodeCbor,
  encodeCbor,
} from '#lib/codec/index.ts';
import { Bat, BatWithId, hashBlockNow, rawBlockPrefix, startCrypto } from '#lib/crypto/index.ts';
import { NodeUnreachable, PATHS, Unauthorised } from '#lib/protocol/index.ts';
import {
  champOf,
  cidOf,
  createBench,
  keyPair,
  signedBlock,
  TestAccount,
} from '#lib/node-local/testing.ts';
import { BLOCK_GET_BULK } from '../wire/extensions.ts';
import { PriorityQueue } from './priority-queue.ts';
import { asked, served } from './testing.ts';
import type { ServedOptions } from './testing.ts';

const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);
const owner = keyPair('owner').hash;
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

async function signedUp(options: ServedOptions = {}) {
  const bench = createBench();
  const account = await TestAccount.signUp(bench.node);
  const client = served(options, bench);
  // The node has said by now what it offers.
  await client.node.blocks.nodeId();
  return { ...client, account };
}

beforeAll(async () => void (await startCrypto()));

describe('queue', () => {
  test('let in only so many, the important first, and nobody waits for ever', async () => {
    const queue = new PriorityQueue(1);
    const order: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const first = queue.run('bulk', () => gate.promise);
    const queued = [
      ...Array.from({ length: 20 }, (_, i) => ['interactive', `i${i}`] as const),
      ['bulk', 'b0'] as const,
      ['content', 'c0'] as const,
    ].map(([priority, name]) => queue.run(priority, async () => void order.push(name)));
    gate.resolve(undefined);
    await Promise.all([first, ...queued]);
    expect(order.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, i) => `i${i}`));
    expect(order.indexOf('c0')).toBe(8);
    expect(order.indexOf('b0')).toBe(17);
  });

  test('lose no place when who waits gives up, or who runs fails', async () => {
    const queue = new PriorityQueue(1);
    const stop = new AbortController();
    const gate = Promise.withResolvers<undefined>();
    const failing = queue.run('bulk', async () => gate.promise);
    const waiting = queue.run('bulk', async () => 'never', stop.signal);
    stop.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    gate.reject(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    expect(await queue.run('bulk', async () => 'next')).toBe('next');
  });

  test('keep the whole client to fifty requests and four uploads', async () => {
    const running = { all: 0, most: 0, puts: 0, mostPuts: 0 };
    const { node } = asked(async (request) => {
      const isPut = request.url.includes(PATHS.blockPutBulk);
      running.most = Math.max(running.most, ++running.all);
      if (isPut) running.mostPuts = Math.max(running.mostPuts, ++running.puts);
      await soon();
      running.all--;
      if (!isPut) return new Response('{}');
      running.puts--;
      const upload = asMap(decodeCbor(new Uint8Array(await request.arrayBuffer())), 'an upload');
      const [signed] = asList(upload.get('s'), 'signatures');
      const cid = Cid.sha256(CODEC.dagCbor, asBytes(signed, 'a signature').subarray(64));
      return new Response(JSON.stringify({ Hash: cid.toString() }));
    });
    const blocks = await Promise.all(
      Array.from({ length: 10 }, (_, i) => signedBlock(keyPair('w'), raw(i, 600_000))),
    );
    await Promise.all([
      ...Array.from({ length: 200 }, (_, i) => node.blocks.get(owner, cidOf(i))),
      node.blocks.put(owner, owner, blocks, 'dag-cbor', 't'),
      node.blocks.put(owner, owner, blocks.toReversed(), 'dag-cbor', 't'),
    ]);
    expect(running.most).toBe(50);
    expect(running.mostPuts).toBe(4);
  });
});

describe('the same question', () => {
  test('asked by several goes once, and each gets bytes of his own', async () => {
    const { node, seen } = asked(async () => {
      await soon();
      return new Response(raw(1));
    });
    const cid = cidOf('it');
    const answers = await Promise.all([1, 2, 3].map(() => node.blocks.get(owner, cid)));
    expect(seen).toHaveLength(1);
    structuredClone(answers[0], { transfer: [answers[0]!.buffer as ArrayBuffer] });
    expect(answers.slice(1)).toEqual([raw(1), raw(1)]);
    expect(answers[1]!.buffer).not.toBe(answers[2]!.buffer);
    await node.blocks.get(owner, cid);
    expect(seen).toHaveLength(2);
  });

  test('goes on when one of those who ask gives up, and ends with the last', async () => {
    const ended: boolean[] = [];
    const { node } = asked(
      (request) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => resolve(new Response(raw(1))), 20);
          request.signal.addEventListener('abort', () => {
            clearTimeout(timer);
            ended.push(true);
            reject(request.signal.reason as Error);
          });
        }),
    );
    const [one, two] = [new AbortController(), new AbortController()];
    const get = (stop: AbortController) =>
      node.blocks.get(owner, cidOf('it'), undefined, stop.signal);
    const [leaving, staying] = [get(one), get(two)];
    await soon();
    one.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    expect(await staying).toEqual(raw(1));
    expect(ended).toEqual([]);
    const both = [new AbortController(), new AbortController()];
    const gone = both.map((stop) => get(stop));
    await soon();
    for (const stop of both) stop.abort(new Error('left'));
    for (const each of gone) await expect(each).rejects.toThrow('left');
    expect(ended).toEqual([true]);
  });
});

describe('look-ups at the same moment', () => {
  const bat = new Bat(raw(8, 32));
  const keyOf = (i: number) => Uint8Array.from({ length: 32 }, (_, j) => (i * 37 + j * 11) & 255);
  async function withChamp(isProtected: (i: number) => boolean) {
    const client = await signedUp();
    const { account } = client;
    const values = Array.from({ length: 8 }, (_, i) =>
      cborMap([
        ['bats', isProtected(i) ? [bat.inlineId().bytes] : undefined],
        ['v', raw(i)],
      ]),
    );
    const champ = champOf(values.map((value, i) => [Uint8Array.of(i, ...keyOf(i)), cidOf(value)]));
    await account.commit(account.home, { tree: cidOf(champ) }, [...values, champ]);
    client.seen.length = 0;
    const lookUp = (i: number, shown?: BatWithId) =>
      client.node.blocks.champLookup(account.owner, cidOf(champ), [
        { key: Uint8Array.of(i, ...keyOf(i)), ...(shown && { bat: shown }) },
      ]);
    const expected = (i: number) => [champ, values[i]!].map((each) => toHex(encodeCbor(each)));
    return { ...client, lookUp, expected };
  }

  test('share requests, and each gets what he asked for and no more', async () => {
    const { lookUp, expected, seen } = await withChamp(() => false);
    const found = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 0].map((i) => lookUp(i)));
    expect(seen).toHaveLength(1);
    for (const [n, i] of [0, 1, 2, 3, 4, 5, 6, 7, 0].entries()) {
      expect(found[n]!.map(({ bytes }) => toHex(bytes))).toEqual(expected(i));
    }
  });

  test('of which one may not be read spoil no other', async () => {
    const { lookUp, expected } = await withChamp((i) => i === 3);
    const found = await Promise.allSettled([1, 2, 3].map((i) => lookUp(i)));
    expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(found[2]).toMatchObject({ reason: expect.any(Unauthorised) });
    const shown = new BatWithId(bat, bat.secretHashId());
    expect((await lookUp(3, shown)).map(({ bytes }) => toHex(bytes))).toEqual(expected(3));
  });
});

describe('several raw blocks', () => {
  const bat = new Bat(raw(8, 32));
  const shown = new BatWithId(bat, bat.secretHashId());
  const blocks = [1, 2, 3, 4, 5, 6].map(
    (i) => new Uint8Array([...rawBlockPrefix([bat.inlineId()]), ...raw(i, 2_000)]),
  );

  test.each([
    ['in one request where the node offers that', false, [BLOCK_GET_BULK]],
    ['one by one elsewhere', true, Array.from({ length: 6 }, () => PATHS.blockGet)],
  ])('are read %s', async (_, isForeign, paths) => {
    const { node, account, seen } = await signedUp({ isForeign });
    const cids = await account.putRaw(account.home, 't', blocks);
    await node.blocks.get(account.owner, cids[0]!, shown);
    seen.length = 0;
    const read = await Promise.all(cids.map((cid) => node.blocks.get(account.owner, cid, shown)));
    expect(read).toEqual(blocks);
    expect(seen.map(({ path }) => path)).toEqual(paths);
    for (const bytes of read) expect(bytes!.buffer.byteLength).toBe(bytes!.length);
  });

  test('of which one is missing or protected spoil no other', async () => {
    const { node, account } = await signedUp();
    const cids = await account.putRaw(account.home, 't', blocks.slice(0, 2));
    const missing = hashBlockNow(raw(99), CODEC.raw);
    const read = await Promise.allSettled([
      node.blocks.get(account.owner, cids[0]!, shown),
      node.blocks.get(account.owner, missing),
      node.blocks.get(account.owner, cids[1]!),
    ]);
    expect(read[0]).toMatchObject({ value: blocks[0] });
    expect(read[1]).toMatchObject({ value: undefined });
    expect(read[2]).toMatchObject({ reason: expect.any(Unauthorised) });
  });
});

test('a state comes with its pointer where the node offers that, and is taken once', async () => {
  const { node, account, seen } = await signedUp();
  const target = account.target(account.home)!;
  seen.length = 0;
  await node.pointers.get(account.owner, account.home.hash);
  const state = await node.blocks.get(account.owner, target);
  expect(hashBlockNow(state!, CODEC.dagCbor)).toEqual(target);
  expect(seen.map(({ path }) => path)).toEqual([PATHS.getPointer]);
  await node.blocks.get(account.owner, target);
  expect(seen).toHaveLength(2);
});

describe('a node that is away', () => {
  test('is noticed, fails others at once, and is noticed when it is back', async () => {
    vi.useFakeTimers();
    try {
      const line = { isUp: true };
      const told: boolean[] = [];
      const { node, seen } = asked(
        (request) => {
          if (!line.isUp) throw new TypeError('fetch failed');
          return new Response(request.url.endsWith(PATHS.id) ? '{}' : Uint8Array.of(0x80));
        },
        { onConnection: (isOnline) => told.push(isOnline) },
      );
      await node.names.chain('alice');
      line.isUp = false;
      await expect(node.names.chain('alice')).rejects.toBeInstanceOf(NodeUnreachable);
      await vi.advanceTimersByTimeAsync(10);
      expect(told).toEqual([false]);
      const before = seen.length;
      await expect(node.blocks.get(owner, cidOf('it'))).rejects.toBeInstanceOf(NodeUnreachable);
      expect(seen.length).toBe(before);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(told).toEqual([false]);
      line.isUp = true;
      await vi.advanceTimersByTimeAsync(30_000);
      expect(told).toEqual([false, true]);
      await node.names.chain('alice');
    } finally {
      vi.useRealTimers();
    }
  });

  test('does not end an upload that was under way: it goes on when the node is back', async () => {
    const line = { isUp: true };
    const account = await signedUp({
      between: (_, next) => {
        if (!line.isUp) throw new TypeError('fetch failed');
        return next();
      },
      pause: (milliseconds, signal) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => resolve());
          setTimeout(resolve, milliseconds / 100);
        }),
    });
    const block = await signedBlock(account.account.home, raw(1));
    line.isUp = false;
    const { owner: ours, home } = account.account;
    const put = account.node.blocks.put(ours, home.hash, [block], 'raw', 't');
    await soon();
    line.isUp = true;
    expect(await put).toEqual([hashBlockNow(raw(1), CODEC.raw)]);
  });

  test('is asked no more once the client is ended', async () => {
    const stop = new AbortController();
    const { node, seen } = asked(() => new Response(Uint8Array.of(0x80)), { signal: stop.signal });
    stop.abort(new Error('ended'));
    await expect(node.names.chain('alice')).rejects.toThrow('ended');
    expect(seen).toEqual([]);
  });
});
