/** What a device that lost its network can still read, and what it must not be made to believe. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeAll, describe, expect, test } from 'vitest';
import { toHex, utf8 } from '#lib/bytes/index.ts';
import { CODEC, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow, signTime, startCrypto, systemRandom } from '#lib/crypto/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { NodeUnreachable, WrongPassword } from '#lib/protocol/index.ts';
import { createBrowserStores, createMemoryStores } from '#lib/stores/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import {
  champOf,
  cidOf,
  createBench,
  keyPair,
  NOW_MS,
  readLogin,
  signedPointer,
  TestAccount,
} from '#lib/node-local/testing.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { createCachingNode } from './caching-node.ts';
import type { CachingNodeDeps } from './caching-node.ts';
import type { CacheState } from './reachability.ts';

interface Stores {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
}

const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);
const key = raw(5, 32);
const value = new Map([['v', utf8('content')]]);
const champ = champOf([[key, cidOf(value)]]);

/** A remote node that can be away, and counts what it is asked. */
function remoteOf(node: StorageNode) {
  const line = { isUp: true, calls: [] as string[] };
  const through = <T extends object>(part: string, target: T): T =>
    new Proxy(target, {
      get: (inner, name) => {
        const member = Reflect.get(inner, name) as (...asked: unknown[]) => unknown;
        return async (...asked: unknown[]) => {
          line.calls.push(`${part}.${String(name)}`);
          if (!line.isUp) throw new NodeUnreachable('away');
          return Reflect.apply(member, inner, asked);
        };
      },
    });
  const parts = Object.entries(node).filter(([, part]) => typeof part === 'object');
  const remote = Object.fromEntries(
    parts.map(([name, part]) => [name, through(name, part as object)]),
  ) as unknown as StorageNode;
  return { remote, line };
}

async function device(
  stores: Stores = createMemoryStores(),
  options: Partial<CachingNodeDeps> = {},
) {
  const bench = createBench();
  const account = await TestAccount.signUp(bench.node);
  const target = await account.commit(account.home, { tree: cidOf(champ) }, [value, champ]);
  const [fragment] = await account.putRaw(account.home, 't', [raw(9, 5_000)]);
  const { remote, line } = remoteOf(bench.node);
  const states: CacheState[] = [];
  const open = () =>
    createCachingNode(remote, {
      ...stores,
      clock: () => bench.time.nowMs,
      onState: (state) => states.push(state),
      ...options,
    });
  return {
    bench,
    account,
    target,
    fragment: fragment!,
    remote,
    line,
    states,
    stores,
    open,
    node: open(),
  };
}

type Device = Awaited<ReturnType<typeof device>>;

/** What a person does online, and wants to do again without a network. */
async function look({ account, target, fragment }: Device, node: StorageNode) {
  const { owner, home, username } = account;
  const identity = await node.names.publicKey(username);
  const chain = toHex(await node.names.chain(username));
  const name = await node.names.nameOf(owner);
  const pointer = toHex((await node.pointers.get(owner, home.hash))!);
  const state = toHex((await node.blocks.get(owner, target))!);
  const found = await node.blocks.champLookup(owner, cidOf(champ), [{ key }]);
  const content = toHex((await node.blocks.get(owner, fragment))!);
  const login = await readLogin(node as LocalNode, account, account.login);
  return {
    identity,
    chain,
    name,
    pointer,
    state,
    found: found.map(({ bytes }) => toHex(bytes)).sort(),
    content,
    login,
  };
}

beforeAll(async () => void (await startCrypto()));

describe.each<[string, () => Promise<Stores>]>([
  ['memory', async () => createMemoryStores()],
  [
    'a browser',
    () => createBrowserStores('cache', { indexedDB: new IDBFactory(), random: systemRandom }),
  ],
])('without a network, from %s', (_, createStores) => {
  test('everything that was read is read again, also after a restart', async () => {
    const it = await device(await createStores());
    const online = await look(it, it.node);
    await it.node.settled();
    it.line.isUp = false;
    expect(await look(it, it.node)).toEqual(online);
    expect(await look(it, it.open())).toEqual(online);
    expect(it.states).toEqual([
      { isOnline: true, answeredMs: NOW_MS },
      { isOnline: false, answeredMs: NOW_MS },
      { isOnline: false, answeredMs: undefined },
    ]);
  });
});

test('a read of data that is not cached fails as unreachable', async () => {
  const it = await device();
  it.line.isUp = false;
  const { owner, home, username, login } = it.account;
  const auth = await signTime(login, NOW_MS);
  const asks = [
    it.node.names.publicKey(username),
    it.node.names.chain(username),
    it.node.pointers.get(owner, home.hash),
    it.node.blocks.get(owner, it.target),
    it.node.blocks.champLookup(owner, cidOf(champ), [{ key }]),
    it.node.accounts.getLogin(username, login.publicKey, auth),
    it.node.pointers.set(owner, home.hash, raw(1)),
    it.node.blocks.startTransaction(owner),
    it.node.space.quotaBytes(owner, auth),
  ];
  for (const ask of asks) await expect(ask).rejects.toBeInstanceOf(NodeUnreachable);
});

test('blocks are asked for once, and their absence every time', async () => {
  const it = await device();
  const { owner } = it.account;
  const absent = hashBlockNow(raw(77), CODEC.raw);
  for (let i = 0; i < 2; i++) {
    await it.node.blocks.get(owner, it.fragment);
    await it.node.blocks.champLookup(owner, cidOf(champ), [{ key }]);
    expect(await it.node.blocks.get(owner, absent)).toBeUndefined();
    await it.node.settled();
  }
  expect(it.line.calls.sort()).toEqual([
    'blocks.champLookup',
    'blocks.get',
    'blocks.get',
    'blocks.get',
  ]);
});

test('another owner is not answered from what one owner read', async () => {
  const it = await device();
  const bob = await TestAccount.signUp(it.bench.node, 'bob');
  await it.node.blocks.get(it.account.owner, it.fragment);
  await it.node.settled();
  expect(await it.node.blocks.get(bob.owner, it.fragment)).toBeUndefined();
});

describe('a cache cannot be made to lie', () => {
  test('wrong bytes from the node are not kept', async () => {
    const it = await device();
    const { owner } = it.account;
    const lying = {
      ...it.remote,
      blocks: { ...it.remote.blocks, get: async () => raw(66) as never },
    };
    const node = createCachingNode(lying, { ...it.stores, clock: () => NOW_MS });
    await node.blocks.get(owner, it.fragment);
    await node.settled();
    expect(await it.node.blocks.get(owner, it.fragment)).toEqual(raw(9, 5_000));
  });

  test('a block the medium damaged is asked for again', async () => {
    const it = await device();
    const { owner } = it.account;
    await it.node.blocks.get(owner, it.fragment);
    await it.node.settled();
    const [listed] = await it.stores.blocks.list('content/');
    await it.stores.blocks.deleteMany([listed!.key]);
    await it.stores.blocks.putMany([{ key: listed!.key, bytes: raw(1) }]);
    expect(await it.node.blocks.get(owner, it.fragment)).toEqual(raw(9, 5_000));
    await it.node.settled();
    it.line.isUp = false;
    expect(await it.node.blocks.get(owner, it.fragment)).toEqual(raw(9, 5_000));
  });

  test('an older pointer never takes the place of a newer one, nor does a forged one', async () => {
    const it = await device();
    const { owner, home } = it.account;
    const old = (await it.bench.node.pointers.get(owner, home.hash))!;
    await it.node.pointers.get(owner, home.hash);
    await it.account.commit(home, { tree: cidOf('newer') });
    const newer = (await it.node.pointers.get(owner, home.hash))!;
    const forged = await signedPointer(keyPair('mallory'), undefined, cidOf('evil'), 99);
    for (const answer of [old, forged, undefined]) {
      const pointers = { ...it.remote.pointers, get: async () => answer };
      const node = createCachingNode(
        { ...it.remote, pointers },
        { ...it.stores, clock: () => NOW_MS },
      );
      expect(await node.pointers.get(owner, home.hash)).toEqual(answer);
    }
    it.line.isUp = false;
    expect(toHex((await it.open().pointers.get(owner, home.hash))!)).toBe(toHex(newer));
  });

  test('one’s own update counts at once', async () => {
    const it = await device();
    const { owner, home } = it.account;
    const state = it.account.stateValue(home, { tree: cidOf('mine') });
    await it.account.put(home, 't', [state]);
    const signed = await it.account.nextPointer(home, cidOf(state));
    await it.node.pointers.setMany(owner, [{ writer: home.hash, signed }]);
    it.line.isUp = false;
    expect(toHex((await it.node.pointers.get(owner, home.hash))!)).toBe(toHex(signed));
  });
});

describe('a kept sign-in record', () => {
  const signIn = ({ account }: Device, node: StorageNode) =>
    readLogin(node as LocalNode, account, account.login);

  test('opens for its password alone', async () => {
    const it = await device();
    await signIn(it, it.node);
    it.line.isUp = false;
    expect(await signIn(it, it.node)).toBe('first');
    const wrong = keyPair('wrong');
    const auth = await signTime(wrong, NOW_MS);
    await expect(it.node.accounts.getLogin('alice', wrong.publicKey, auth)).rejects.toBeInstanceOf(
      NodeUnreachable,
    );
  });

  test('stays when somebody tries a wrong password, and goes when it is the changed one', async () => {
    const it = await device();
    await signIn(it, it.node);
    const wrong = keyPair('wrong');
    const auth = await signTime(wrong, NOW_MS);
    const trying = it.node.accounts.getLogin('alice', wrong.publicKey, auth);
    await expect(trying).rejects.toBeInstanceOf(WrongPassword);
    it.line.isUp = false;
    expect(await signIn(it, it.node)).toBe('first');
    it.line.isUp = true;
    const refusing = {
      ...it.remote.accounts,
      getLogin: () => Promise.reject(new WrongPassword()),
    };
    const changed = createCachingNode(
      { ...it.remote, accounts: refusing },
      { ...it.stores, clock: () => NOW_MS },
    );
    await expect(signIn(it, changed)).rejects.toBeInstanceOf(WrongPassword);
    it.line.isUp = false;
    await expect(signIn(it, it.node)).rejects.toBeInstanceOf(NodeUnreachable);
  });

  const endings: [string, (it: Device) => Promise<unknown>][] = [
    [
      'the node asks for a second factor',
      async (it) => {
        const asking = { ...it.remote.accounts, getLogin: async () => new Map([['a', false]]) };
        const node = createCachingNode(
          { ...it.remote, accounts: asking },
          { ...it.stores, clock: () => NOW_MS },
        );
        const { login } = it.account;
        return node.accounts.getLogin('alice', login.publicKey, await signTime(login, NOW_MS));
      },
    ],
    [
      'a second factor was shown',
      async (it) => {
        const { login } = it.account;
        const auth = await signTime(login, NOW_MS);
        return it.node.accounts.getLogin('alice', login.publicKey, auth, { response: new Map() });
      },
    ],
    [
      'a second factor is added, though the answer is lost',
      async (it) => {
        it.line.isUp = false;
        await it.node.secondFactors.addTotp('alice', raw(1)).catch(() => undefined);
        it.line.isUp = true;
      },
    ],
    [
      'the password is changed, though the answer is lost',
      async (it) => {
        it.line.isUp = false;
        await it.node.accounts.setLogin('alice', raw(1), raw(1)).catch(() => undefined);
        it.line.isUp = true;
      },
    ],
    ['everything is cleared', (it) => it.node.clear()],
  ];
  test.each(endings)('is gone when %s', async (_, ending) => {
    const it = await device();
    await signIn(it, it.node);
    await ending(it);
    it.line.isUp = false;
    await expect(signIn(it, it.node)).rejects.toBeInstanceOf(NodeUnreachable);
  });
});

describe('room', () => {
  test('is made by the least recently used, contents and structure each in their share', async () => {
    const it = await device(createMemoryStores(), {
      contentMaxBytes: 50_000,
      structureMaxBytes: 50_000,
    });
    const { owner, home } = it.account;
    await it.node.blocks.champLookup(owner, cidOf(champ), [{ key }]);
    const blocks = Array.from({ length: 20 }, (_, i) => raw(i, 5_000));
    const cids = await it.account.putRaw(home, 't', blocks);
    for (const cid of cids) {
      it.bench.time.nowMs += 1_000;
      await it.node.blocks.get(owner, cid);
      await it.node.blocks.get(owner, cids[0]!);
      await it.node.settled();
    }
    const kept = await it.stores.blocks.list('content/');
    expect(kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(50_000);
    expect(kept.length).toBeGreaterThanOrEqual(8);
    const isKept = (i: number) => kept.some((one) => one.key.endsWith(cids[i]!.toString()));
    expect([isKept(0), isKept(19), isKept(18), isKept(1), isKept(2)]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    it.line.isUp = false;
    const found = await it.node.blocks.champLookup(owner, cidOf(champ), [{ key }]);
    expect(found.map(({ bytes }) => toHex(bytes))).toContain(toHex(encodeCbor(value)));
  });

  test('that a medium lacks costs the cache, and never the reading', async () => {
    for (const capacityBytes of [0, 400, 6_000]) {
      const it = await device(createMemoryStores({ capacityBytes }));
      const online = await look(it, it.node);
      await it.node.settled();
      expect(await look(it, it.node)).toEqual(online);
    }
  });

  test('is given back when it is cleared', async () => {
    const it = await device();
    await look(it, it.node);
    await it.node.settled();
    await it.node.clear();
    for (const share of ['content/', 'structure/']) {
      expect(await it.stores.blocks.list(share)).toEqual([]);
    }
  });
});
