/** What the node takes and gives as blocks, and each bad request by its name (B-6 §2, §5). */
import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, Cid, CODEC, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow, signTime, startCrypto } from '#lib/crypto/index.ts';
import {
  BlockTooBig,
  MalformedRequest,
  QuotaExceeded,
  UnknownWriter,
  WrongSignature,
} from '#lib/protocol/index.ts';
import type { BlockFormat } from '#lib/protocol/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { crashing, isCrash } from './testing-stores.ts';
import { createBench, keyPair } from './testing.ts';
import { NOW_MS, seededRandom, signedBlock, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';

const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);

async function createAccount(overrides = {}) {
  const bench = createBench(overrides);
  const account = await TestAccount.signUp(bench.node);
  const usage = async () =>
    bench.node.space.usageBytes(
      account.owner,
      await signTime(account.identity, bench.time.nowMs),
      true,
    );
  return { ...bench, account, usage };
}

beforeAll(async () => void (await startCrypto()));

describe('putting blocks', () => {
  test('answers their CIDs in order and keeps them per owner', async () => {
    const { node, account } = await createAccount();
    const bob = await TestAccount.signUp(node, 'bob');
    const [a, b] = await account.putRaw(account.home, 't1', [raw(1), raw(2)]);
    expect([a, b]).toEqual([raw(1), raw(2)].map((bytes) => hashBlockNow(bytes, CODEC.raw)));
    expect(await node.blocks.get(account.owner, a!)).toEqual(raw(1));
    expect(await node.blocks.get(bob.owner, a!)).toBeUndefined();
  });

  test('of identity CIDs is not needed: they are their own block', async () => {
    const { node, account } = await createAccount();
    const cid = Cid.identity(CODEC.raw, utf8('hello'));
    expect(await node.blocks.get(account.owner, cid)).toEqual(utf8('hello'));
  });

  test('puts what a writer of another account writes into the space of that account', async () => {
    const { node, account } = await createAccount();
    const bob = await TestAccount.signUp(node, 'bob');
    const block = await signedBlock(bob.home, raw(1));
    const [cid] = await node.blocks.put(account.owner, bob.home.hash, [block], 'raw', 't');
    expect(await node.blocks.get(bob.owner, cid!)).toEqual(raw(1));
    expect(await node.blocks.get(account.owner, cid!)).toBeUndefined();
  });

  test('refuses a writer that is here if the owner named is not', async () => {
    const { node, account } = await createAccount();
    const block = await signedBlock(account.home, raw(1));
    const stranger = keyPair('nobody').hash;
    const put = node.blocks.put(stranger, account.home.hash, [block], 'raw', 't');
    await expect(put).rejects.toBeInstanceOf(UnknownWriter);
  });

  const bad: [string, new (...args: never[]) => Error, BadRequest][] = [
    ['a block signed by another key', WrongSignature, { signer: 'mallory' }],
    ['a signature of another block', WrongSignature, { signed: raw(9) }],
    ['a cut signature', WrongSignature, { cut: 1 }],
    ['no signature', WrongSignature, { cut: 96 }],
    ['an unknown writer', UnknownWriter, { writer: 'mallory', signer: 'mallory' }],
    ['one byte too many', BlockTooBig, { block: raw(1, BLOCK_MAX_BYTES + 1) }],
    ['an empty block', MalformedRequest, { block: raw(1, 0) }],
    ['raw bytes as dag-cbor', MalformedRequest, { block: raw(0xff), format: 'dag-cbor' }],
    ['a transaction id with a slash', MalformedRequest, { tid: 'a/b' }],
    ['an empty transaction id', MalformedRequest, { tid: '' }],
    ['a long transaction id', MalformedRequest, { tid: 'a'.repeat(65) }],
  ];
  test.each(bad)('refuses %s and stores nothing of the request', async (_what, error, request) => {
    const { node, deps, account } = await createAccount();
    await TestAccount.signUp(node, 'bob');
    const before = await deps.blocks.list('');
    const { writer = 'alice home', signer = 'alice home', block = raw(1), cut = 0 } = request;
    const good = await signedBlock(keyPair(writer), encodeCbor('good'));
    const { authorisation } = await signedBlock(keyPair(signer), request.signed ?? block);
    const blocks = [good, { bytes: block, authorisation: authorisation.slice(cut) }];
    const { format = 'raw', tid = 't' } = request;
    const put = node.blocks.put(account.owner, keyPair(writer).hash, blocks, format, tid);
    await expect(put).rejects.toBeInstanceOf(error);
    expect(await deps.blocks.list('')).toEqual(before);
    expect(await deps.records.list('transactions', '')).toEqual([]);
  });

  test.each([
    ['bytes after the end', Uint8Array.of(1, 1)],
    ['a non-shortest integer', Uint8Array.of(0x18, 1)],
    ['keys out of order', Uint8Array.of(0xa2, 0x61, 0x62, 1, 0x61, 0x61, 2)],
  ])('takes dag-cbor with %s, as the reference does', async (_what, bytes) => {
    const { node, account } = await createAccount();
    const block = await signedBlock(account.home, bytes);
    const { owner, home } = account;
    const [cid] = await node.blocks.put(owner, home.hash, [block], 'dag-cbor', 't');
    expect(await node.blocks.get(owner, cid!)).toEqual(bytes);
  });

  test('takes the largest block', async () => {
    const { account } = await createAccount();
    await expect(
      account.putRaw(account.home, 't', [raw(1, BLOCK_MAX_BYTES)]),
    ).resolves.toHaveLength(1);
  });

  test('stops when its caller gave up', async () => {
    const { node, account } = await createAccount();
    const block = await signedBlock(account.home, raw(1));
    const signal = AbortSignal.abort();
    const put = node.blocks.put(account.owner, account.home.hash, [block], 'raw', 't', signal);
    await expect(put).rejects.toHaveProperty('name', 'AbortError');
  });
});

interface BadRequest {
  writer?: string;
  signer?: string;
  signed?: Uint8Array;
  block?: Uint8Array;
  cut?: number;
  format?: BlockFormat;
  tid?: string;
}

describe('concurrent requests of one transaction', () => {
  test('are stored together, and each answers its own blocks', async () => {
    let applies = 0;
    const stores = createMemoryStores();
    const apply = stores.records.apply.bind(stores.records);
    stores.records.apply = async (change) => {
      applies++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return apply(change);
    };
    const { account, deps } = await createAccount(stores);
    applies = 0;
    const puts = Array.from({ length: 20 }, (_, i) => account.putRaw(account.home, 't', [raw(i)]));
    const cids = (await Promise.all(puts)).flat();
    expect(cids).toEqual(puts.map((_, i) => hashBlockNow(raw(i), CODEC.raw)));
    expect(applies).toBeLessThan(6);
    expect(await deps.records.list('transactions', '')).toHaveLength(applies);
  });

  test('do not fail for each other: what fits is stored', async () => {
    const { account } = await createAccount({ quotaBytes: () => 300_000 });
    const sizes = [10, 1000, 310_000, 20, 305_000, 30];
    const puts = sizes.map((size, i) => account.putRaw(account.home, 't', [raw(i, size)]));
    const outcomes = (await Promise.allSettled(puts)).map(({ status }) => status === 'fulfilled');
    expect(outcomes).toEqual(sizes.map((size) => size < 300_000));
  });

  test('end one by one when their callers give up', async () => {
    const { node, account } = await createAccount();
    const given = new AbortController();
    const puts = [undefined, given.signal, undefined].map(async (signal, i) => {
      const block = await signedBlock(account.home, raw(i));
      const { owner, home } = account;
      return node.blocks.put(owner, home.hash, [block], 'raw', 't', signal);
    });
    given.abort();
    const outcomes = (await Promise.allSettled(puts)).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('space', () => {
  test('is counted with each request, a block sent twice only until it matters', async () => {
    const quota = { bytes: 1e9 };
    const { account, usage } = await createAccount({ quotaBytes: () => quota.bytes });
    const before = await usage();
    await account.putRaw(account.home, 't', [raw(1, 300_000), raw(2, 500)]);
    expect(await usage()).toBe(before + 300_500);
    await account.putRaw(account.home, 't', [raw(1, 300_000)]);
    quota.bytes = before + 700_500;
    await account.putRaw(account.home, 't', [raw(3, 400_000)]); // counted anew: fits exactly
    expect(await usage()).toBe(before + 700_500);
    await expect(account.putRaw(account.home, 't', [raw(4, 262_145)])).rejects.toBeInstanceOf(
      QuotaExceeded,
    );
    expect(await usage()).toBe(before + 700_500);
  });

  test('when full still takes what a deletion writes: lists of 512 KiB, structure of 1 MiB', async () => {
    const { account } = await createAccount({ quotaBytes: () => 5000 });
    await expect(account.putRaw(account.home, 't', [raw(1, 262_145)])).rejects.toBeInstanceOf(
      QuotaExceeded,
    );
    await account.putRaw(account.home, 't', [raw(1, 262_144)]);
    await account.putRaw(account.home, 't', [raw(2, 200_000)]);
    const list = account.putRaw(account.home, 't', [raw(3, 100_000)]);
    await expect(list).rejects.toBeInstanceOf(QuotaExceeded);
    await account.put(account.home, 't', [raw(1, 400_000)]);
    const structure = account.put(account.home, 't', [raw(2, 400_000)]);
    await expect(structure).rejects.toBeInstanceOf(QuotaExceeded);
  });

  test('when full takes 1 MiB of structure and no more', async () => {
    const { account } = await createAccount({ quotaBytes: () => 5000 });
    await account.put(account.home, 't', [raw(1, 900_000)]);
    const more = account.put(account.home, 't', [raw(2, 900_000)]);
    await expect(more).rejects.toBeInstanceOf(QuotaExceeded);
  });

  test('that garbage takes is found when it is needed', async () => {
    const { account, usage } = await createAccount({ quotaBytes: () => 400_000 });
    await account.putRaw(account.home, 't', [raw(1, 300_000)]);
    await account.node.blocks.closeTransaction(account.owner, 't');
    await account.putRaw(account.home, 'u', [raw(2, 300_000)]);
    expect(await usage()).toBeLessThan(400_000);
  });

  test('concurrent requests never exceed together', async () => {
    const { account, usage, deps } = await createAccount({ quotaBytes: () => 3_000_000 });
    const twin = createLocalNode(deps);
    const tries = Array.from({ length: 20 }, async (_, i) => {
      const block = await signedBlock(account.home, raw(i, 300_000));
      const node = i % 2 === 0 ? account.node : twin;
      return node.blocks.put(account.owner, account.home.hash, [block], 'raw', 't');
    });
    const done = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
    expect(done.length).toBeGreaterThan(5);
    expect(await usage()).toBeLessThanOrEqual(3_000_000);
  });

  test('of a write that did not fit the medium is given back', async () => {
    const { blocks, records } = createMemoryStores({ capacityBytes: 20_000 });
    const { account, usage, deps } = await createAccount({ blocks, records });
    const before = await usage();
    await expect(account.putRaw(account.home, 't', [raw(1, 19_000)])).rejects.toBeInstanceOf(
      StoreFull,
    );
    expect(await usage()).toBe(before);
    expect(await deps.records.list('transactions', '')).toEqual([]);
  });
});

test('a process that dies at any store call of an upload leaves the count on the safe side', async () => {
  for (let calls = 0, isDone = false; !isDone; calls++) {
    for (const when of ['before', 'after'] as const) {
      const { node, deps, account, usage, time } = await createAccount();
      const dying = createLocalNode(crashing(deps, calls, when));
      const block = await signedBlock(account.home, raw(1));
      const put = dying.blocks.put(account.owner, account.home.hash, [block], 'raw', 't');
      isDone = await put.then(() => true, isCrash);
      expect(await usage()).toBeGreaterThanOrEqual(await node.storedBytes());
      await account.putRaw(account.home, 'u', [raw(1)]);
      time.nowMs += 2 * 86_400_000;
      await node.collect(account.owner);
      expect(await usage()).toBe(await node.storedBytes());
      expect(await deps.records.list('transactions', '')).toEqual([]);
    }
  }
});

test('a node makes itself an id once and keeps it', async () => {
  const { node, deps } = createBench();
  const id = await node.blocks.nodeId();
  expect(id.codec).toBe(CODEC.libp2pKey);
  expect(id.toPeerId()).toMatch(/^12D3KooW/u);
  const again = createLocalNode({ ...deps, random: seededRandom('another'), clock: () => NOW_MS });
  expect((await again.blocks.nodeId()).equals(id)).toBe(true);
});
