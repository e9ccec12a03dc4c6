import { beforeAll, describe, expect, test } from 'vitest';
import { cborMap, Cid, CODEC, encodeCbor } from '#lib/codec/index.ts';
import { sha256Now, sign, signRequest, signTime, startCrypto } from '#lib/crypto/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import type { MigrationRequest, StorageNode } from '#lib/node/index.ts';
import {
  BadClaimChain,
  BATS_LIST_PATH,
  claimChainToCbor,
  createClaimLink,
  NotOffered,
  QuotaExceeded,
  SignUpClosed,
  UnknownUser,
  WrongHost,
} from '#lib/protocol/index.ts';
import { userSnapshotFromBytes } from './user-snapshot.ts';
import { removeMovedAccount } from './remove-account.ts';
import { crashing, everything, isCrash } from './testing-stores.ts';
import { cidOf, createBench, keyPair, readLogin, TestAccount } from './testing.ts';
import { seededRandom } from './testing.ts';
import { createLocalNode } from './local-node.ts';
import type { LocalNodeDeps } from './context.ts';

beforeAll(() => startCrypto());

const ELSEWHERE = Cid.sha256(CODEC.libp2pKey, sha256Now(utf8('a third node')));

/** alice with a file and a follow request on one node, and a second node that can reach it. */
async function createTwo(
  overrides: Partial<LocalNodeDeps> = {},
  from?: (node: StorageNode) => StorageNode,
) {
  const old = createBench();
  const alice = await TestAccount.signUp(old.node);
  const [leaf] = await alice.putRaw(alice.home, 'file', [utf8('content')]);
  await alice.commit(alice.home, { tree: cidOf([leaf!]) }, [[leaf!]]);
  await old.node.blocks.closeTransaction(alice.owner, 'file');
  await old.node.inbox.send(alice.owner, encodeCbor(cborMap([['k', 1]])));
  const oldId = await old.node.blocks.nodeId();
  const reach = from?.(old.node) ?? old.node;
  const fresh = createBench({
    random: seededRandom('new node'),
    nodeOf: async (id) => (id.equals(oldId) ? reach : undefined),
    ...overrides,
  });
  const newId = await fresh.node.blocks.nodeId();
  const request = async (
    more: Partial<MigrationRequest> = {},
    home = newId,
    key = alice.identity,
  ) => {
    const claim = { username: 'alice', expiry: '2041-01-02', storageProviders: [home] };
    return {
      username: 'alice',
      chain: claimChainToCbor([await createClaimLink(key, claim)]),
      currentNode: oldId,
      mirrorBat: alice.mirrorBat,
      linkCountsAfterSeconds: 0,
      usageBytes: 1000,
      isCommit: true,
      ...more,
    };
  };
  return { old, fresh, alice, leaf: leaf!, oldId, newId, request };
}

describe('an account moves', () => {
  test('with everything, and is closed at its old home', async () => {
    const { old, fresh, alice, leaf, request } = await createTwo();
    await fresh.node.names.migrate(await request());
    for (const writer of [alice.identity, alice.home]) {
      expect(await fresh.node.pointers.get(alice.owner, writer.hash)).toEqual(
        await old.node.pointers.get(alice.owner, writer.hash),
      );
    }
    expect(await fresh.node.blocks.get(alice.owner, leaf)).toEqual(utf8('content'));
    expect(await readLogin(fresh.node, alice, alice.login)).toBe('first');
    const time = await signTime(alice.identity, fresh.time.nowMs);
    expect(await fresh.node.inbox.list(alice.owner, time)).toHaveLength(1);
    const auth = await signRequest(alice.identity, BATS_LIST_PATH, fresh.time.nowMs);
    expect(await fresh.node.bats.list(alice.owner, auth)).toHaveLength(1);
    expect(await fresh.node.names.chain('alice')).toEqual(await old.node.names.chain('alice'));
    expect(await fresh.deps.records.list('transactions', '')).toEqual([]);
    await fresh.node.collect(alice.owner);
    await alice.commit(alice.home, { v: 8 }, [], fresh.node);
    await expect(readLogin(old.node, alice, alice.login)).rejects.toBeInstanceOf(WrongHost);
    await expect(alice.putRaw(alice.home, 't', [utf8('x')])).rejects.toBeInstanceOf(WrongHost);
  });

  test('takes along what is written while it moves', async () => {
    const added: Cid[] = [];
    const { fresh, alice, request } = await createTwo({}, (node) => ({
      ...node,
      names: {
        ...node.names,
        migrate: async (step) => {
          if (step.isCommit) added.push(await alice.commit(alice.home, { v: 7 }));
          return node.names.migrate(step);
        },
      },
    }));
    await fresh.node.names.migrate(await request());
    expect(added).toHaveLength(1);
    expect(await fresh.node.blocks.get(alice.owner, added[0]!)).toBeDefined();
    expect(await readLogin(fresh.node, alice, alice.login)).toBe('first');
  });

  test('whatever step of the new home dies, and only once the old home has switched', async () => {
    let isDone = false;
    for (let calls = 0; !isDone; calls += 3) {
      const { old, fresh, alice, request, newId } = await createTwo();
      const step = await request();
      const nodeId = newId;
      const dying = createLocalNode({
        ...fresh.deps,
        ...crashing(fresh.deps, calls, 'after'),
        nodeId,
      });
      isDone = await dying.names.migrate(step).then(() => true, isCrash);
      const isPlaced = (await fresh.node.names.publicKey('alice')) !== undefined;
      const open = isPlaced ? fresh.node : old.node;
      if (!isPlaced) {
        const isClosed = await readLogin(open, alice, alice.login).then(
          () => false,
          () => true,
        );
        if (!isClosed) expect(await readLogin(open, alice, alice.login)).toBe('first');
        await fresh.node.names.migrate(step);
      }
      expect(await readLogin(fresh.node, alice, alice.login)).toBe('first');
    }
  }, 60_000);

  test('to its end without the request, once the old home has switched', async () => {
    let finished = 0;
    let isDone = false;
    for (let calls = 0; !isDone; calls += 3) {
      const { old, fresh, alice, request } = await createTwo();
      const step = await request();
      const dying = createLocalNode({ ...fresh.deps, ...crashing(fresh.deps, calls, 'before') });
      isDone = await dying.names.migrate(step).then(() => true, isCrash);
      // The next process on the same records has been told nothing.
      expect(await createLocalNode(fresh.deps).finishMigrations()).toEqual([]);
      const isPlaced = (await fresh.node.names.publicKey('alice')) !== undefined;
      const home = isPlaced ? fresh.node : old.node;
      expect(await readLogin(home, alice, alice.login)).toBe('first');
      if (isPlaced && !isDone) finished++;
    }
    expect(finished).toBeGreaterThan(0);
  }, 60_000);

  test('whatever step of the old home dies', async () => {
    let isDone = false;
    for (let calls = 0; !isDone; calls += 2) {
      let from: StorageNode | undefined;
      const { old, fresh, alice, request } = await createTwo({}, (node) => ({
        ...node,
        names: { ...node.names, migrate: (step) => (from ?? node).names.migrate(step) },
      }));
      from = createLocalNode({ ...old.deps, ...crashing(old.deps, calls, 'after') });
      const step = await request();
      isDone = await fresh.node.names.migrate(step).then(() => true, isCrash);
      from = undefined;
      if (!isDone) {
        await fresh.node.finishMigrations();
        const isPlaced = (await fresh.node.names.publicKey('alice')) !== undefined;
        const home = isPlaced ? fresh.node : old.node;
        expect(await readLogin(home, alice, alice.login)).toBe('first');
        if (!isPlaced) await fresh.node.names.migrate(step);
      }
      expect(await readLogin(fresh.node, alice, alice.login)).toBe('first');
    }
  }, 60_000);

  test('back to where it was before', async () => {
    const { old, fresh, alice, request, newId, oldId } = await createTwo();
    await fresh.node.names.migrate(await request());
    await alice.commit(alice.home, { v: 8 }, [], fresh.node);
    const back = createLocalNode({ ...old.deps, nodeOf: async () => fresh.node });
    const claim = { username: 'alice', expiry: '2042-01-02', storageProviders: [oldId] };
    const chain = claimChainToCbor([await createClaimLink(alice.identity, claim)]);
    await back.names.migrate(await request({ chain, currentNode: newId }));
    expect(await back.pointers.get(alice.owner, alice.home.hash)).toEqual(
      await fresh.node.pointers.get(alice.owner, alice.home.hash),
    );
    expect(await readLogin(back, alice, alice.login)).toBe('first');
    await expect(readLogin(fresh.node, alice, alice.login)).rejects.toBeInstanceOf(WrongHost);
  });

  test('not if a block does not acceptMigration whole', async () => {
    const { old, fresh, alice, request } = await createTwo({}, (node) => ({
      ...node,
      blocks: {
        ...node.blocks,
        get: async (...parameters) => {
          const block = await node.blocks.get(...parameters);
          const isLeaf = parameters[1].isRaw;
          return isLeaf ? undefined : block;
        },
      },
    }));
    await expect(fresh.node.names.migrate(await request())).rejects.toThrow('missing');
    expect(await fresh.node.names.usernames()).toEqual([]);
    expect(await readLogin(old.node, alice, alice.login)).toBe('first');
  });
});

test('a new account with the name of a removed one inherits nothing', async () => {
  const { old, fresh, alice, request } = await createTwo();
  await old.node.operator.setOperator('alice', true);
  await old.node.operator.sendMessage('alice', 'for alice only');
  await fresh.node.names.migrate(await request());
  await removeMovedAccount(old.deps, 'alice');
  const left = await everything(old.deps.records);
  expect(Object.keys(left)).toEqual([]);
  expect(await old.deps.blocks.list('')).toEqual([]);
  const next = new TestAccount(old.node, 'alice');
  await old.node.accounts.signUp(await next.signUpRequest());
  expect(await old.node.operator.messages('alice')).toEqual([]);
  expect(await old.node.operator.operators()).toEqual([]);
  expect(next.owner).toEqual(alice.owner);
});

test('a move that is asked for again when it is done is answered without secrets', async () => {
  const { fresh, alice, request } = await createTwo();
  const again = await request();
  await fresh.node.names.migrate(again);
  const answers = await Promise.all([again, again].map((it) => fresh.node.names.migrate(it)));
  for (const answer of answers) {
    const { username, identity, pointers, ...rest } = userSnapshotFromBytes(answer);
    expect([username, identity]).toEqual(['alice', alice.identity.hash]);
    const writers = pointers.map(({ writer }) => writer.toString());
    expect(writers).toContain(alice.home.hash.toString());
    expect(rest).toEqual({ followRequests: [], bats: [], login: undefined, linkCounts: [] });
  }
});

describe('a move is refused', () => {
  test('where the node takes no users, has no room, or cannot reach the old home', async () => {
    const closed = await createTwo({ signUps: { admits: 'nobody' } });
    const refused = closed.fresh.node.names.migrate(await closed.request());
    await expect(refused).rejects.toBeInstanceOf(SignUpClosed);
    const small = await createTwo({ signUps: { admits: 'anyone', quotaBytes: 10 } });
    const full = small.fresh.node.names.migrate(await small.request());
    await expect(full).rejects.toBeInstanceOf(QuotaExceeded);
    const { fresh, request } = await createTwo();
    const unknown = fresh.node.names.migrate(await request({ currentNode: ELSEWHERE }));
    await expect(unknown).rejects.toBeInstanceOf(NotOffered);
  });

  test('by the old home without a claim of the identity to another home', async () => {
    const { old, request, oldId } = await createTwo();
    const { names } = old.node;
    const forged = await request({}, ELSEWHERE, keyPair('mallory'));
    await expect(names.migrate(forged)).rejects.toBeInstanceOf(BadClaimChain);
    await expect(names.migrate(await request({}, oldId))).rejects.toBeInstanceOf(BadClaimChain);
    const registered = { ...(await request()), chain: [] };
    await expect(names.migrate(registered)).rejects.toBeInstanceOf(BadClaimChain);
    const nobody = await request({ username: 'nobody' });
    await expect(names.migrate(nobody)).rejects.toBeInstanceOf(UnknownUser);
  });

  test('by the old home once the account has left: its data are told to nobody again', async () => {
    const { old, fresh, request } = await createTwo();
    await fresh.node.names.migrate(await request());
    const again = old.node.names.migrate(await request({ isCommit: false }));
    await expect(again).rejects.toBeInstanceOf(WrongHost);
  });
});

test('a message signed for one purpose is no claim', async () => {
  const { old, request, alice } = await createTwo();
  const bad = { ...(await request()), chain: [await sign(alice.identity, utf8('alice'))] };
  await expect(old.node.names.migrate(bad)).rejects.toThrow('cannot be read');
});
