/** The copy of an account of another node (B-6 §8): whole at every moment, and never older. */
import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { signRequest, startCrypto } from '#lib/crypto/index.ts';
import type { MirrorRequest, StorageNode } from '#lib/node/index.ts';
import {
  BadClaimChain,
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  MIRROR_PATH,
  NameTaken,
  WrongHost,
} from '#lib/protocol/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import { createLocalNode } from './local-node.ts';
import { crashing, isCrash } from './testing-stores.ts';
import { cidOf, createBench, readLogin, seededRandom, TestAccount } from './testing.ts';

beforeAll(() => startCrypto());

/** alice with a file at one node, and a node that mirrors her. */
async function createTwo(from?: (node: StorageNode) => StorageNode) {
  const home = createBench();
  const alice = await TestAccount.signUp(home.node);
  const leaf = await addFile(alice, 'content');
  const homeId = await home.node.blocks.nodeId();
  const reach = from?.(home.node) ?? home.node;
  const mirror = createBench({
    random: seededRandom('mirror'),
    nodeOf: async (id) => (id.equals(homeId) ? reach : undefined),
  });
  const request = async (more: Partial<MirrorRequest> = {}): Promise<MirrorRequest> => ({
    username: 'alice',
    chain: claimChainToCbor(claimChainFromCbor(decodeBlock(await home.node.names.chain('alice')))),
    bat: alice.mirrorBat,
    auth: await signRequest(alice.identity, MIRROR_PATH, mirror.time.nowMs),
    extras: { token: '', addresses: [] },
    login: undefined,
    isEnded: false,
    ...more,
  });
  return { home, mirror, alice, leaf, request };
}

async function addFile(alice: TestAccount, text: string) {
  const [leaf] = await alice.putRaw(alice.home, text, [utf8(text)]);
  await alice.commit(alice.home, { tree: cidOf([leaf!]) }, [[leaf!]]);
  return leaf!;
}

test('a copy has what the home has, follows it, and is nobody else’s to write to', async () => {
  const { home, mirror, alice, leaf, request } = await createTwo();
  await mirror.node.names.mirror!(await request());
  expect(await mirror.node.mirrorAccounts()).toEqual([]);
  const { owner } = alice;
  expect(await mirror.node.blocks.get(owner, leaf)).toEqual(utf8('content'));
  const next = await addFile(alice, 'more');
  expect(await mirror.node.mirrorAccounts()).toEqual([]);
  for (const writer of [alice.identity, alice.home]) {
    expect(await mirror.node.pointers.get(owner, writer.hash)).toEqual(
      await home.node.pointers.get(owner, writer.hash),
    );
  }
  expect(await mirror.node.blocks.get(owner, next)).toEqual(utf8('more'));
  await mirror.node.collect(owner);
  expect(await mirror.node.blocks.get(owner, next)).toEqual(utf8('more'));
  await expect(alice.commit(alice.home, { v: 9 }, [], mirror.node)).rejects.toBeInstanceOf(
    WrongHost,
  );
});

test('a copy fetches only what is new', async () => {
  const asked: string[] = [];
  const { mirror, alice, request } = await createTwo((node) => ({
    ...node,
    blocks: {
      ...node.blocks,
      get: (...question) => {
        asked.push(question[1].toString());
        return node.blocks.get(...question);
      },
    },
  }));
  await mirror.node.names.mirror!(await request());
  await mirror.node.mirrorAccounts();
  const first = new Set(asked.splice(0));
  await mirror.node.mirrorAccounts();
  expect(asked).toEqual([]);
  await addFile(alice, 'more');
  await mirror.node.mirrorAccounts();
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((cid) => first.has(cid))).toEqual([]);
});

test('a copy is whole, old or new, whatever step the node dies at', async () => {
  let isDone = false;
  for (let calls = 0; !isDone; calls += 3) {
    const { home, mirror, alice, leaf, request } = await createTwo();
    await mirror.node.names.mirror!(await request());
    await mirror.node.mirrorAccounts();
    const next = await addFile(alice, 'more');
    const dying = createLocalNode({ ...mirror.deps, ...crashing(mirror.deps, calls, 'after') });
    const failures = await dying.mirrorAccounts().catch((error: unknown) => [error]);
    isDone = failures.length === 0;
    if (!isDone) isCrash(failures[0]);
    const fresh = createLocalNode(mirror.deps);
    const { owner } = alice;
    const [here, there] = await Promise.all(
      [fresh, home.node].map((node) => node.pointers.get(owner, alice.home.hash)),
    );
    const isNew = Buffer.compare(here!, there!) === 0;
    expect(await fresh.blocks.get(owner, isNew ? next : leaf)).toBeDefined();
    expect(await fresh.mirrorAccounts()).toEqual([]);
    expect(await fresh.blocks.get(owner, next)).toBeDefined();
  }
}, 60_000);

describe('a copy is not made', () => {
  test('of an older state than it has', async () => {
    const shown: { old?: Uint8Array } = {};
    const { mirror, alice, request } = await createTwo((node) => ({
      ...node,
      pointers: {
        ...node.pointers,
        get: async (owner, writer) =>
          writer.equals(alice.home.hash) && shown.old !== undefined
            ? shown.old
            : node.pointers.get(owner, writer),
      },
    }));
    const before = await mirrorOnce(mirror, request, alice);
    await addFile(alice, 'more');
    await mirror.node.mirrorAccounts();
    const newer = await mirror.node.pointers.get(alice.owner, alice.home.hash);
    shown.old = before;
    expect(await mirror.node.mirrorAccounts()).toMatchObject([{ name: 'MirrorRefused' }]);
    expect(await mirror.node.pointers.get(alice.owner, alice.home.hash)).toEqual(newer);
  });

  test('where blocks are missing', async () => {
    const { mirror, alice, request } = await createTwo((node) => ({
      ...node,
      blocks: {
        ...node.blocks,
        get: async (...question) => (question[1].isRaw ? undefined : node.blocks.get(...question)),
      },
    }));
    await mirror.node.names.mirror!(await request());
    expect(await mirror.node.mirrorAccounts()).toMatchObject([{ name: 'AccountDamaged' }]);
    expect(await mirror.node.pointers.get(alice.owner, alice.owner)).toBeUndefined();
    expect(await mirror.node.names.usernames()).toEqual([]);
  });

  test('of an account that lives here, or under a name that somebody has here', async () => {
    const { home, mirror, request } = await createTwo();
    await expect(home.node.names.mirror!(await request())).rejects.toBeInstanceOf(BadClaimChain);
    await TestAccount.signUp(mirror.node, 'alice');
    await expect(mirror.node.names.mirror!(await request())).rejects.toBeInstanceOf(NameTaken);
  });
});

async function mirrorOnce(
  mirror: ReturnType<typeof createBench>,
  request: () => Promise<MirrorRequest>,
  alice: TestAccount,
): Promise<Uint8Array> {
  await mirror.node.names.mirror!(await request());
  await mirror.node.mirrorAccounts();
  return (await mirror.node.pointers.get(alice.owner, alice.home.hash))!;
}

test('an account moves to the node that mirrors it', async () => {
  const { home, mirror, alice, request } = await createTwo();
  await mirror.node.names.mirror!(await request());
  await mirror.node.mirrorAccounts();
  const nodeId = await mirror.node.blocks.nodeId();
  const claim = { username: 'alice', expiry: '2041-01-02', storageProviders: [nodeId] };
  await mirror.node.names.migrate({
    username: 'alice',
    chain: claimChainToCbor([await createClaimLink(alice.identity, claim)]),
    currentNode: await home.node.blocks.nodeId(),
    mirrorBat: alice.mirrorBat,
    linkCountsAfterSeconds: 0,
    usageBytes: 1000,
    isCommit: true,
  });
  expect(await readLogin(mirror.node, alice, alice.login)).toBe('first');
  expect(await mirror.node.mirrorAccounts()).toEqual([]);
  expect(await mirror.deps.records.list('mirrors', '')).toEqual([]);
  await alice.commit(alice.home, { v: 9 }, [], mirror.node);
});
