import { describe, expect, it } from 'vitest';
import { EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { SigningKeyPair } from '#lib/crypto/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { BlockMissing, Commit, CommitSpent, Snapshot } from './index.ts';
import { createTestAccount, depsOn, mapKeyAt, rawBlock, seededRandom } from './testing.ts';
import type { TestAccount } from './testing.ts';

/** A value block that links raw blocks, as a cryptree node links its fragments. */
function nodeOf(i: number, ...fragments: ReturnType<typeof rawBlock>[]) {
  return cborMap([
    ['n', i],
    ['f', fragments.map(({ cid }) => cid)],
  ]);
}

async function mapValue(commit: Commit, home: Signer, i: number, version = 0): Promise<void> {
  const found = await commit.mapped(home.hash, mapKeyAt(i));
  const cid = commit.putCbor(home, nodeOf(i * 1000 + version));
  await commit.setMapped(home, mapKeyAt(i), found, cid);
}

async function read(account: TestAccount, i: number): Promise<Uint8Array | undefined> {
  const snapshot = new Snapshot(depsOn(account.node), account.owner);
  return (await snapshot.lookup(account.home.hash, mapKeyAt(i)))?.block;
}

describe('a commit', () => {
  it('shows its own changes at once and everybody else nothing until it ends', async () => {
    const account = await createTestAccount();
    const { deps, owner, home } = account;
    const commit = new Commit(deps, owner);
    const fragment = rawBlock(1, 300_000);
    commit.putRaw(home, fragment.bytes, fragment.cid);
    const cid = commit.putCbor(home, nodeOf(1, fragment));
    await commit.setMapped(home, mapKeyAt(1), undefined, cid);
    expect((await commit.lookup(home.hash, mapKeyAt(1)))?.cid.equals(cid)).toBe(true);
    expect(await commit.block(fragment.cid)).toEqual(fragment.bytes);
    expect(await read(account, 1)).toBeUndefined();
    await commit.commit();
    expect(await read(account, 1)).toEqual(encodeCbor(nodeOf(1, fragment)));
    const snapshot = new Snapshot(depsOn(account.node), owner);
    expect(await snapshot.block(fragment.cid)).toEqual(fragment.bytes);
  });

  it('advances a writer by one sequence number however often it is touched', async () => {
    const account = await createTestAccount();
    const { deps, owner, home } = account;
    const before = await new Snapshot(deps, owner).state(home.hash);
    const commit = new Commit(deps, owner);
    for (let i = 0; i < 50; i++) await mapValue(commit, home, i);
    for (let i = 0; i < 50; i++) await mapValue(commit, home, i, 1);
    await commit.removeMapped(home, [mapKeyAt(3), mapKeyAt(4)]);
    await commit.commit();
    const after = await new Snapshot(deps, owner).state(home.hash);
    expect([before.sequence, after.sequence]).toEqual([1, 2]);
    expect(await read(account, 3)).toBeUndefined();
    expect(await read(account, 7)).toEqual(encodeCbor(nodeOf(7001)));
  });

  it('looking at a space without files does not give it a map', async () => {
    const { deps, owner, identity } = await createTestAccount();
    const commit = new Commit(deps, owner);
    await commit.changeWriterData(identity, (data) => data);
    expect(await commit.lookup(owner, mapKeyAt(1))).toBeUndefined();
    await commit.commit();
    const { data, sequence } = await new Snapshot(deps, owner).state(owner);
    expect([data?.tree, sequence]).toEqual([undefined, 1]);
  });

  it('is spent after its end', async () => {
    const { deps, owner, home } = await createTestAccount();
    for (const end of [(commit: Commit) => commit.commit(), (commit: Commit) => commit.abandon()]) {
      const commit = new Commit(deps, owner);
      await end(commit);
      expect(() => commit.putCbor(home, 1)).toThrow(CommitSpent);
      await expect(commit.removeMapped(home, [])).rejects.toThrow(CommitSpent);
      await expect(commit.commit()).rejects.toThrow(CommitSpent);
    }
  });

  it('removing everything again gives the empty map and leaves only garbage behind', async () => {
    const account = await createTestAccount();
    const { deps, node, owner, home, clock } = account;
    const first = new Commit(deps, owner);
    for (let i = 0; i < 400; i++) await mapValue(first, home, i);
    await first.commit();
    const second = new Commit(depsOn(node), owner);
    await second.removeMapped(
      home,
      Array.from({ length: 400 }, (_, i) => mapKeyAt(i)),
    );
    await second.commit();
    const { data } = await new Snapshot(deps, owner).state(home.hash);
    expect(data?.tree?.equals(EMPTY_CHAMP_CID)).toBe(true);
    clock.nowMs += 25 * 3600 * 1000;
    const before = await node.storedBytes();
    const { removedBlocks } = await node.collect(owner);
    expect(removedBlocks).toBeGreaterThanOrEqual(400);
    expect(await node.storedBytes()).toBeLessThan(before / 10);
  });
});

describe('writers', () => {
  it('a new one is proven, usable in the same commit and readable afterwards', async () => {
    const { deps, node, owner, home } = await createTestAccount();
    const commit = new Commit(deps, owner);
    const child = await commit.createWriter(home, SigningKeyPair.random(seededRandom(5)));
    const fragment = rawBlock(1, 200_000);
    commit.putRaw(child, fragment.bytes, fragment.cid);
    const cid = commit.putCbor(child, nodeOf(1, fragment));
    await commit.setMapped(child, mapKeyAt(1), undefined, cid);
    await mapValue(commit, home, 2);
    await commit.commit();
    const snapshot = new Snapshot(depsOn(node), owner);
    expect((await snapshot.lookup(child.hash, mapKeyAt(1)))?.cid.equals(cid)).toBe(true);
    expect((await snapshot.state(child.hash)).sequence).toBe(1);
    expect(await snapshot.block(fragment.cid)).toEqual(fragment.bytes);
  });

  it('one that is removed and deleted is gone, and with it its blocks', async () => {
    const { deps, node, owner, home, clock } = await createTestAccount();
    const first = new Commit(deps, owner);
    const child = await first.createWriter(home, SigningKeyPair.random(seededRandom(5)));
    const cid = first.putCbor(child, nodeOf(1));
    await first.setMapped(child, mapKeyAt(1), undefined, cid);
    await first.commit();
    const second = new Commit(deps, owner);
    await second.removeOwnedKey(home, child.hash);
    await second.deleteWriter(child);
    await second.commit();
    const snapshot = new Snapshot(depsOn(node), owner);
    expect((await snapshot.state(child.hash)).data).toBeUndefined();
    expect((await snapshot.state(home.hash)).data?.owned?.equals(EMPTY_CHAMP_CID)).toBe(true);
    clock.nowMs += 25 * 3600 * 1000;
    await node.collect(owner);
    await expect(snapshot.block(cid)).rejects.toThrow(BlockMissing);
  });

  it('other fields of a state change together with the data map', async () => {
    const { deps, owner, identity } = await createTestAccount();
    const commit = new Commit(deps, owner);
    const algorithm = cborMap([['type', 9]]);
    await mapValue(commit, identity, 1);
    await commit.changeWriterData(identity, (data) => data.with({ algorithm }));
    await mapValue(commit, identity, 2);
    await commit.commit();
    const snapshot = new Snapshot(deps, owner);
    expect((await snapshot.state(owner)).data?.algorithm).toEqual(algorithm);
    expect(await snapshot.mapped(owner, mapKeyAt(1))).toBeDefined();
    expect(await snapshot.mapped(owner, mapKeyAt(2))).toBeDefined();
  });
});
