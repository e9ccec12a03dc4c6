import { describe, expect, it } from 'vitest';
import { BLOCK_MAX_BYTES, cborMap, CODEC } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { hashBlockNow, Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import type { NodeBlocks, StorageNode } from '#lib/node/index.ts';
import { QuotaExceeded } from '#lib/protocol/index.ts';
import { Lost, observed, tally } from './faults.ts';
import { Commit, Snapshot, WrongAcknowledgement } from './index.ts';
import { createTestAccount, depsOn, mapKeyAt, rawBlock, seededRandom } from './testing.ts';
import type { TestAccount } from './testing.ts';
import { groupsOf } from './upload-groups.ts';
import { Uploads } from './uploads.ts';

interface Sent {
  readonly writer: string;
  readonly sizes: number[];
  readonly format: string;
  readonly tid: string;
}

/** A node that writes down every upload, and how much of them was under way at once. */
function watched(account: TestAccount, delayMs = 0) {
  const sent: Sent[] = [];
  const under = { way: 0, most: 0 };
  const put: NodeBlocks['put'] = async (owner, writer, blocks, format, tid, signal) => {
    const sizes = blocks.map(({ bytes }) => bytes.length);
    sent.push({ writer: writer.toString(), sizes, format, tid });
    under.most = Math.max(under.most, ++under.way);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      return await account.node.blocks.put(owner, writer, blocks, format, tid, signal);
    } finally {
      under.way--;
    }
  };
  const blocks = { ...account.node.blocks, put, parallelPuts: 5 };
  const node: StorageNode = { ...account.node, blocks };
  return { node, sent, under };
}

function putFile(commit: Commit, home: Signer, i: number, fragmentBytes: number[]) {
  const fragments = fragmentBytes.map((length, j) => rawBlock(i * 100 + j, length));
  for (const { bytes, cid } of fragments) commit.putRaw(home, bytes, cid);
  const cid = commit.putCbor(home, cborMap([['f', fragments.map((each) => each.cid)]]));
  return { cid, fragments };
}

describe('groups of one request', () => {
  const signers = [1, 2].map((n) => Signer.of(SigningKeyPair.fromSeed(new Uint8Array(32).fill(n))));
  const block = (length: number, codec: number, signer: Signer, tag: number) => {
    const bytes = new Uint8Array(length).fill(tag);
    return { bytes, cid: hashBlockNow(bytes, codec), signer };
  };

  it('hold one writer and one format, at most 50 blocks and 1,048,676 bytes', () => {
    const random = seededRandom(3);
    const blocks = Array.from({ length: 600 }, (_, i) => {
      const [size = 0, kind = 0] = random(2);
      const length = size > 250 ? BLOCK_MAX_BYTES : 1 + size * size;
      const codec = kind % 2 === 0 ? CODEC.raw : CODEC.dagCbor;
      return block(length, codec, signers[kind % 3 === 0 ? 0 : 1]!, i);
    });
    const groups = groupsOf(blocks);
    for (const group of groups) {
      const bytes = group.reduce((sum, each) => sum + each.bytes.length, 0);
      expect(bytes).toBeLessThanOrEqual(1_048_676);
      expect(group.length).toBeLessThanOrEqual(50);
      expect(new Set(group.map(({ cid }) => cid.codec)).size).toBe(1);
      expect(new Set(group.map(({ signer }) => signer)).size).toBe(1);
    }
    expect(groups.flat().length).toBe(blocks.length);
    expect(new Set(groups.flat())).toEqual(new Set(blocks));
  });

  it('none for no blocks', () => {
    expect(groupsOf([])).toEqual([]);
  });
});

describe('uploading', () => {
  it('large raw blocks go at once and uncopied, small ones together, as many at a time as the node takes', async () => {
    const account = await createTestAccount();
    const { node, sent, under } = watched(account, 2);
    const commit = new Commit(depsOn(node), account.owner);
    const { cid } = putFile(commit, account.home, 1, [
      ...new Array<number>(12).fill(400_000),
      ...new Array<number>(60).fill(500),
    ]);
    // The last 10 are not a full request: they wait for the commit.
    await expect
      .poll(() => sent.map(({ sizes }) => sizes.length))
      .toEqual([...new Array<number>(12).fill(1), 50]);
    expect(sent.every(({ format }) => format === 'raw')).toBe(true);
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    await commit.commit();
    expect(under.most).toBe(5);
    expect(sent[13]?.sizes.length).toBe(10);
    expect(sent[14]?.format).toBe('dag-cbor');
    expect(new Set(sent.map(({ tid }) => tid)).size).toBe(1);
    expect(sent.length).toBe(15);
  });

  it('a block that is spent gives its memory back when it is stored, and only then', async () => {
    const account = await createTestAccount();
    const uploads = new Uploads(account.node, account.owner);
    const [spent, kept] = [rawBlock(1, 200_000), rawBlock(2, 200_000)];
    const expected = spent.bytes.slice();
    uploads.sendEarly({ ...spent, signer: account.home, isSpentWhenStored: true });
    uploads.sendEarly({ ...kept, signer: account.home });
    expect(spent.bytes).toEqual(expected);
    await uploads.settle();
    expect([spent.bytes.length, kept.bytes.length]).toEqual([0, 200_000]);
    expect(await account.node.blocks.get(account.owner, spent.cid, undefined)).toEqual(expected);

    const away = observed(account.node, (_, name) =>
      name === 'blocks.put' ? 'lost reply' : undefined,
    );
    const failing = new Uploads(away.node, account.owner);
    const unsent = rawBlock(3, 200_000);
    failing.sendEarly({ ...unsent, signer: account.home, isSpentWhenStored: true });
    await expect(failing.settle()).rejects.toBeInstanceOf(Lost);
    expect(unsent.bytes.length).toBe(200_000);
  });

  it('superseded blocks are not uploaded, and no block twice', async () => {
    const account = await createTestAccount();
    const { node, sent } = watched(account);
    const commit = new Commit(depsOn(node), account.owner);
    let current: Cid | undefined;
    for (let version = 0; version < 100; version++) {
      const next = commit.putCbor(account.home, ['version', version]);
      await commit.setMapped(account.home, mapKeyAt(1), current, next);
      current = next;
    }
    await commit.commit();
    // The value, the champ root and the state; the empty owned tree is there since the beginning.
    expect(sent.map(({ sizes }) => sizes.length)).toEqual([3]);
  });

  it('one commit of a file: what it asks of the node', async () => {
    const account = await createTestAccount();
    const { node, calls } = observed(account.node);
    const commit = new Commit(depsOn(node), account.owner);
    const { cid } = putFile(commit, account.home, 1, [300_000, 300_000, 100]);
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    await commit.commit();
    expect(tally(calls)).toEqual({
      'pointers.get': 1,
      'blocks.get': 1,
      'blocks.champLookup': 1,
      'blocks.startTransaction': 1,
      'blocks.put': 4,
      'pointers.set': 1,
      'blocks.closeTransaction': 1,
    });
  });

  it('a thousand entries: a few dozen calls', async () => {
    const account = await createTestAccount();
    const { node, calls } = observed(account.node);
    const commit = new Commit(depsOn(node), account.owner);
    for (let i = 0; i < 1000; i++) {
      await commit.setMapped(account.home, mapKeyAt(i), undefined, commit.putCbor(account.home, i));
    }
    await commit.commit();
    expect(calls.length).toBeLessThan(60);
  });

  it('a commit that changes nothing asks for nothing', async () => {
    const account = await createTestAccount();
    const { node, calls } = observed(account.node);
    const commit = new Commit(depsOn(node), account.owner);
    commit.putCbor(account.home, 'linked by nothing');
    await commit.removeMapped(account.home, [mapKeyAt(1)]);
    await commit.commit();
    expect(tally(calls)).not.toHaveProperty('pointers.set');
    expect(tally(calls)).not.toHaveProperty('blocks.put');
  });

  it('a node that acknowledges other blocks is not believed', async () => {
    const account = await createTestAccount();
    const put: NodeBlocks['put'] = () => Promise.resolve([rawBlock(1, 3).cid]);
    const node = { ...account.node, blocks: { ...account.node.blocks, put } };
    const commit = new Commit(depsOn(node), account.owner);
    const { cid } = putFile(commit, account.home, 1, []);
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    await expect(commit.commit()).rejects.toBeInstanceOf(WrongAcknowledgement);
  });

  it('no more room: a named error, nothing visible, nothing kept', async () => {
    let quotaBytes = Number.MAX_SAFE_INTEGER;
    const account = await createTestAccount(1, { quotaBytes: () => quotaBytes });
    const before = await account.node.storedBytes();
    quotaBytes = 700_000;
    const commit = new Commit(account.deps, account.owner);
    const { cid } = putFile(commit, account.home, 1, [300_000, 300_000, 300_000, 300_000]);
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    await expect(commit.commit()).rejects.toBeInstanceOf(QuotaExceeded);
    const snapshot = new Snapshot(account.deps, account.owner);
    expect(await snapshot.lookup(account.home.hash, mapKeyAt(1))).toBeUndefined();
    account.clock.nowMs += 2 * 3600 * 1000;
    await account.node.collect(account.owner);
    expect(await account.node.storedBytes()).toBe(before);
  });

  it('an abandoned commit stops uploading and leaves nothing', async () => {
    const account = await createTestAccount();
    const { node, sent } = watched(account, 5);
    const before = await account.node.storedBytes();
    const commit = new Commit(depsOn(node), account.owner);
    putFile(commit, account.home, 1, new Array<number>(20).fill(200_000));
    await new Promise((resolve) => setTimeout(resolve, 2));
    await commit.abandon();
    const count = sent.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(sent.length).toBe(count);
    expect(count).toBeLessThan(20);
    account.clock.nowMs += 2 * 3600 * 1000;
    await account.node.collect(account.owner);
    expect(await account.node.storedBytes()).toBe(before);
  });

  it('an aborted commit fails with the reason of the signal and moves no pointer', async () => {
    const account = await createTestAccount();
    const { node, calls } = observed(account.node);
    const commit = new Commit(depsOn(node), account.owner);
    const { cid } = putFile(commit, account.home, 1, [200_000]);
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    const reason = new Error('enough');
    await expect(commit.commit(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(tally(calls)).not.toHaveProperty('pointers.set');
    await expect(commit.commit()).rejects.toThrow();
  });
});

describe('long operations', () => {
  const mebibyte = 1_048_576;

  it('the caller waits when the node takes longer than the sealing', async () => {
    const account = await createTestAccount();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const put: NodeBlocks['put'] = async (...request) => {
      await gate;
      return account.node.blocks.put(...request);
    };
    const node = { ...account.node, blocks: { ...account.node.blocks, put } };
    const commit = new Commit(depsOn(node), account.owner);
    const { cid } = putFile(commit, account.home, 1, new Array<number>(25).fill(mebibyte));
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    let isThrough = false;
    const flushed = commit.room().then(() => (isThrough = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isThrough).toBe(false);
    release();
    await flushed;
    await commit.commit();
  });

  it('a background upload that fails is told at the next opportunity, and nothing is committed', async () => {
    const account = await createTestAccount();
    const { node, calls } = observed(account.node, (_, name) =>
      name === 'blocks.put' ? 'lost request' : undefined,
    );
    const commit = new Commit(depsOn(node), account.owner);
    const { cid } = putFile(commit, account.home, 1, [200_000]);
    await commit.setMapped(account.home, mapKeyAt(1), undefined, cid);
    const told = () => commit.room().then(String, (error: Error) => error.message);
    await expect.poll(told).toContain('blocks.put');
    await expect(commit.commit()).rejects.toThrow('ended');
    expect(tally(calls)).toMatchObject({ 'blocks.closeTransaction': 1 });
    expect(tally(calls)).not.toHaveProperty('pointers.set');
  });
});
