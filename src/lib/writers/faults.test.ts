import { describe, expect, it } from 'vitest';
import { cborMap, decodeBlock, linksOf } from '#lib/codec/index.ts';
import { SigningKeyPair } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { observed } from './faults.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { Commit, Snapshot, WriteConflict } from './index.ts';
import { createTestAccount, depsOn, mapKeyAt, rawBlock, seededRandom } from './testing.ts';
import type { TestAccount } from './testing.ts';

type Operation = (commit: Commit, account: TestAccount) => Promise<void>;

/** A file with fragments, a changed one and a removed one, all in one space. */
const changeFiles: Operation = async (commit, { home }) => {
  const fragments = [rawBlock(1, 250_000), rawBlock(2, 150_000), rawBlock(3, 900)];
  for (const { bytes, cid } of fragments) commit.putRaw(home, bytes, cid);
  const node = commit.putCbor(home, cborMap([['f', fragments.map(({ cid }) => cid)]]));
  await commit.setMapped(home, mapKeyAt(100), undefined, node);
  const old = await commit.mapped(home.hash, mapKeyAt(0));
  await commit.setMapped(home, mapKeyAt(0), old, commit.putCbor(home, 'changed'));
  await commit.removeMapped(home, [mapKeyAt(1)]);
};

/** A change in two spaces at once. */
const changeBoth: Operation = async (commit, account) => {
  await changeFiles(commit, account);
  const { identity } = account;
  await commit.setMapped(
    identity,
    mapKeyAt(5),
    undefined,
    commit.putCbor(identity, 'in the identity'),
  );
};

/** A new space with a file in it, and an entry that leads there. */
const createSpace: Operation = async (commit, { home }) => {
  const child = await commit.createWriter(home, SigningKeyPair.random(seededRandom(77)));
  const fragment = rawBlock(4, 120_000);
  commit.putRaw(child, fragment.bytes, fragment.cid);
  const node = commit.putCbor(child, [fragment.cid]);
  await commit.setMapped(child, mapKeyAt(100), undefined, node);
  await commit.setMapped(home, mapKeyAt(101), undefined, commit.putCbor(home, 'entry'));
};

const operations: [string, Operation][] = [
  ['changes in one space', changeFiles],
  ['changes in two spaces', changeBoth],
  ['a new space', createSpace],
];

async function filled(): Promise<TestAccount> {
  const account = await createTestAccount();
  const commit = new Commit(account.deps, account.owner);
  for (let i = 0; i < 12; i++) {
    await commit.setMapped(account.home, mapKeyAt(i), undefined, commit.putCbor(account.home, i));
  }
  await commit.commit();
  return account;
}

/** Everything a reader finds: every block of every space, through nothing but the node. */
async function picture(account: TestAccount, node: StorageNode = account.node): Promise<string[]> {
  const snapshot = new Snapshot(depsOn(node), account.owner);
  const found: string[] = [];
  const child = SigningKeyPair.random(seededRandom(77)).hash;
  for (const writer of [account.owner, account.home.hash, child]) {
    const { data, target } = await snapshot.state(writer);
    found.push(`${writer.toString()} ${target?.toString() ?? 'none'}`);
    if (data === undefined) continue;
    const keys = Array.from({ length: 110 }, (_, i) => ({ mapKey: mapKeyAt(i) }));
    for (const [i, result] of (await snapshot.lookupMany(writer, keys)).entries()) {
      if (result === undefined) continue;
      if (result instanceof Error) throw result;
      found.push(`${i}: ${result.cid.toString()}`);
      for (const cid of linksOf(decodeBlock(result.block))) await snapshot.block(cid);
    }
  }
  return found;
}

async function run(account: TestAccount, operation: Operation, node: StorageNode): Promise<void> {
  const commit = new Commit(depsOn(node), account.owner);
  try {
    await operation(commit, account);
    await commit.commit();
  } catch (error) {
    await commit.abandon();
    throw error;
  }
}

async function callsOf(operation: Operation): Promise<string[]> {
  const account = await filled();
  const { node, calls } = observed(account.node);
  await run(account, operation, node);
  return calls;
}

/** For every call of the operation: a plan that fails there. */
async function forEachCall(
  operation: Operation,
  planAt: (index: number) => FaultPlan,
  check: (account: TestAccount, error: unknown, at: string) => Promise<void>,
): Promise<void> {
  const calls = await callsOf(operation);
  for (const [index, name] of calls.entries()) {
    const account = await filled();
    const { node } = observed(account.node, planAt(index));
    let error: unknown;
    try {
      await run(account, operation, node);
    } catch (thrown) {
      error = thrown;
    }
    await check(account, error, `${index} ${name}`);
  }
}

describe.each(operations)('%s', (_, operation) => {
  const once =
    (fault: Fault) =>
    (at: number): FaultPlan =>
    (index) =>
      index === at ? fault : undefined;
  const forever =
    (fault: Fault) =>
    (at: number): FaultPlan =>
    (index) =>
      index < at ? undefined : index === at ? fault : 'lost request';

  async function states(): Promise<{ before: string[]; after: string[] }> {
    const account = await filled();
    const before = await picture(account);
    await run(account, operation, account.node);
    return { before, after: await picture(account) };
  }

  it.each<[string, (at: number) => FaultPlan]>([
    ['a lost request', once('lost request')],
    ['a lost reply', once('lost reply')],
    ['a node that is gone from some call on', forever('lost request')],
    ['a node that is gone after doing some call', forever('lost reply')],
  ])('%s leaves the old or the new state, and trying again works', async (_fault, plan) => {
    const { before, after } = await states();
    await forEachCall(operation, plan, async (account, error, at) => {
      const found = await picture(account);
      const isOld = JSON.stringify(found) === JSON.stringify(before);
      const isNew = JSON.stringify(found) === JSON.stringify(after);
      if (error === undefined) expect(isNew, at).toBe(true);
      // Between the two pointers of a new space the parent has moved and the child is empty.
      else if (operation !== createSpace) expect(isOld || isNew, at).toBe(true);
      // Whatever was stored, every link of every state leads to a block.
      if (isOld) {
        await run(account, operation, account.node);
        expect(await picture(account), at).toEqual(after);
      }
    });
  });

  it('closes its transactions even after an error, so that what was uploaded is garbage', async () => {
    await forEachCall(operation, once('lost request'), async (account, error, at) => {
      if (error === undefined) return;
      account.clock.nowMs += 2 * 3600 * 1000;
      await account.node.collect(account.owner);
      const after = await account.node.storedBytes();
      account.clock.nowMs += 48 * 3600 * 1000;
      await account.node.collect(account.owner);
      // Nothing waited for a transaction to expire.
      expect(await account.node.storedBytes(), at).toBe(after);
    });
  });
});

describe('the answer to setting a pointer is lost', () => {
  it('a commit that got through counts as made and is remembered', async () => {
    const account = await filled();
    let lost = 0;
    const { node, calls } = observed(account.node, (_, name) =>
      name === 'pointers.set' && lost++ === 0 ? 'lost reply' : undefined,
    );
    await run(account, changeFiles, node);
    expect(calls.filter((name) => name === 'pointers.set').length).toBe(2);
  });

  it('gives up after three attempts, but looks whether it got through', async () => {
    const account = await filled();
    let sets = 0;
    const { node, calls } = observed(account.node, (_, name) => {
      if (name !== 'pointers.set') return undefined;
      return sets++ === 0 ? 'lost reply' : 'lost request';
    });
    await run(account, changeFiles, node);
    expect(calls.filter((name) => name === 'pointers.set').length).toBe(3);
  });
});

it('a commit is made although its own client has seen a later state before it could note its own', async () => {
  const account = await filled();
  const deps = depsOn(account.node);
  const pointers: StorageNode['pointers'] = {
    ...account.node.pointers,
    set: async (owner, writer, signed) => {
      await account.node.pointers.set(owner, writer, signed);
      await run(account, changeBoth, account.node);
      await new Snapshot(deps, owner).state(writer);
    },
  };
  const commit = new Commit({ ...deps, node: { ...account.node, pointers } }, account.owner);
  const cid = commit.putCbor(account.home, 'first');
  await commit.setMapped(account.home, mapKeyAt(105), undefined, cid);
  await commit.commit();
  const later = await new Snapshot(deps, account.owner).state(account.home.hash);
  expect(later.sequence).toBe(4);
});

describe('two clients at once', () => {
  const put = async (commit: Commit, account: TestAccount, i: number, value: string) => {
    const old = await commit.mapped(account.home.hash, mapKeyAt(i));
    const cid = commit.putCbor(account.home, value);
    await commit.setMapped(account.home, mapKeyAt(i), old, cid);
  };
  const begin = (account: TestAccount) => new Commit(depsOn(account.node), account.owner);

  it('changes of different things are merged', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    await put(mine, account, 200, 'mine');
    await put(theirs, account, 201, 'theirs');
    await put(theirs, account, 2, 'changed by them');
    await theirs.removeMapped(account.home, [mapKeyAt(9)]);
    await theirs.commit();
    await mine.commit();
    const snapshot = new Snapshot(depsOn(account.node), account.owner);
    const { sequence } = await snapshot.state(account.home.hash);
    expect(sequence).toBe(4);
    for (const i of [200, 201, 2, 3]) {
      expect(await snapshot.lookup(account.home.hash, mapKeyAt(i)), String(i)).toBeDefined();
    }
    expect(await snapshot.lookup(account.home.hash, mapKeyAt(9))).toBeUndefined();
    // What they removed can be made again, although a merge leaves a null in its place.
    await run(account, (commit) => put(commit, account, 9, 'again'), account.node);
    const later = new Snapshot(depsOn(account.node), account.owner);
    expect(await later.lookup(account.home.hash, mapKeyAt(9))).toBeDefined();
  });

  it('ten clients that change different things all succeed', async () => {
    const account = await filled();
    const commits = Array.from({ length: 5 }, () => begin(account));
    await Promise.all(commits.map((commit, i) => put(commit, account, 300 + i, `by ${i}`)));
    await Promise.all(commits.map((commit) => commit.commit()));
    const snapshot = new Snapshot(depsOn(account.node), account.owner);
    for (const i of commits.keys()) {
      expect(await snapshot.lookup(account.home.hash, mapKeyAt(300 + i))).toBeDefined();
    }
  });

  it('changes of the same thing: the second fails by name and changes nothing', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    await put(mine, account, 2, 'mine');
    await put(theirs, account, 2, 'theirs');
    await theirs.commit();
    const before = await picture(account);
    await expect(mine.commit()).rejects.toBeInstanceOf(WriteConflict);
    expect(await picture(account)).toEqual(before);
  });

  it('a commit of several writers is not merged', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    await changeBoth(mine, account);
    await put(theirs, account, 201, 'theirs');
    await theirs.commit();
    const before = await picture(account);
    await expect(mine.commit()).rejects.toBeInstanceOf(WriteConflict);
    expect(await picture(account)).toEqual(before);
  });

  it('a change of other fields is not merged, neither lost nor half done', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    await mine.changeWriterData(account.home, (data) =>
      data.with({ algorithm: cborMap([['type', 7]]) }),
    );
    await put(theirs, account, 201, 'theirs');
    await theirs.commit();
    await expect(mine.commit()).rejects.toBeInstanceOf(WriteConflict);
    const snapshot = new Snapshot(depsOn(account.node), account.owner);
    expect((await snapshot.state(account.home.hash)).data?.algorithm).toBeUndefined();
  });

  it('their other fields survive when our files are merged', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    const algorithm = cborMap([['type', 7]]);
    await theirs.changeWriterData(account.home, (data) => data.with({ algorithm }));
    await put(mine, account, 201, 'mine');
    await theirs.commit();
    await mine.commit();
    const snapshot = new Snapshot(depsOn(account.node), account.owner);
    expect((await snapshot.state(account.home.hash)).data?.algorithm).toEqual(algorithm);
    expect(await snapshot.lookup(account.home.hash, mapKeyAt(201))).toBeDefined();
  });

  it('the same change made twice is made once', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    await put(mine, account, 200, 'same');
    await put(theirs, account, 200, 'same');
    await theirs.commit();
    await mine.commit();
    const snapshot = new Snapshot(depsOn(account.node), account.owner);
    expect((await snapshot.state(account.home.hash)).sequence).toBe(3);
  });

  it('a space that was deleted elsewhere is a conflict', async () => {
    const account = await filled();
    const [mine, theirs] = [begin(account), begin(account)];
    await put(mine, account, 200, 'mine');
    await theirs.removeOwnedKey(account.identity, account.home.hash);
    await theirs.deleteWriter(account.home);
    await theirs.commit();
    await expect(mine.commit()).rejects.toThrow();
  });
});
