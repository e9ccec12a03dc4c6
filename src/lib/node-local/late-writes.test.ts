/**
 * Orders of steps inside one change that takes a writer its place (C-3 §3.2 to §3.6, A-9 §7, §9), as
 * clients send them, and what somebody gains who still holds such a writer's key: nothing.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeCbor } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { PointerConflict, UnknownWriter } from '#lib/protocol/index.ts';
import { champOf, cidOf, createBench, EMPTY_CHAMP, keyPair } from './testing.ts';
import { ownedBy, signedBlock, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 1024 * 1024;
const OWNS_NOTHING = { owned: cidOf(EMPTY_CHAMP) };
const [shared, nested, fresh, freshNested] = ['shared', 'nested', 'fresh', 'fresh nested'].map(
  keyPair,
) as [SigningKeyPair, SigningKeyPair, SigningKeyPair, SigningKeyPair];

/** A tree of these values: its root, and the blocks it consists of. */
function treeOf(...files: readonly string[]) {
  const champ = champOf(files.map((file, i) => [new Uint8Array(32).fill(i), cidOf(file)]));
  return { tree: cidOf(champ), values: [...files, champ] };
}

/** Alice's home owns a shared writer, which owns another writer. */
async function createFamily() {
  const bench = createBench();
  const account = await TestAccount.signUp(bench.node);
  const { owned, values } = await ownedBy(account.home, [shared]);
  await account.commit(account.home, { owned }, values);
  const below = await ownedBy(shared, [nested]);
  const inside = treeOf('a', 'b');
  await account.commit(shared, { owned: below.owned, tree: inside.tree }, [
    ...below.values,
    ...inside.values,
  ]);
  const deep = treeOf('c');
  await account.commit(nested, { ...OWNS_NOTHING, tree: deep.tree }, [EMPTY_CHAMP, ...deep.values]);
  const start = () => bench.node.blocks.startTransaction(account.owner);
  return { ...bench, account, start, below, inside };
}

type Family = Awaited<ReturnType<typeof createFamily>>;

/** Uploads a state in a transaction and moves the pointer to it. */
async function move(
  { account }: Pick<Family, 'account'>,
  tid: string,
  writer: SigningKeyPair,
  fields: Record<string, CborValue>,
  values: readonly CborValue[] = [],
): Promise<Cid> {
  const state = account.stateValue(writer, fields);
  await account.put(writer, tid, [...values, state]);
  await account.node.pointers.set(
    account.owner,
    writer.hash,
    await account.nextPointer(writer, cidOf(state)),
  );
  account.note(writer, cidOf(state));
  return cidOf(state);
}

async function clear({ node, account }: Family, writer: SigningKeyPair): Promise<void> {
  await node.pointers.set(account.owner, writer.hash, await account.nextPointer(writer, undefined));
  account.note(writer, undefined);
}

/** The parent lists `writers` from now on. */
async function list(
  it: Family,
  tid: string,
  parent: SigningKeyPair,
  writers: readonly SigningKeyPair[],
  fields: Record<string, CborValue> = {},
): Promise<void> {
  const { owned, values } = await ownedBy(parent, writers);
  await move(it, tid, parent, { owned, ...fields }, values);
}

const empty = (it: Family, tid: string, writer: SigningKeyPair, values = [EMPTY_CHAMP]) =>
  move(it, tid, writer, { ...OWNS_NOTHING, tree: cidOf(EMPTY_CHAMP) }, values);

beforeAll(async () => void (await startCrypto()));

describe('one transaction carries a change through in any order', () => {
  const orders: [string, (it: Family, tid: string) => Promise<void>][] = [
    [
      'revoking write access: the parent, the new writers, then the old ones are emptied',
      async (it, tid) => {
        await list(it, tid, it.account.home, [fresh]);
        await list(it, tid, fresh, [freshNested]);
        await move(it, tid, freshNested, OWNS_NOTHING, [EMPTY_CHAMP]);
        await empty(it, tid, shared);
        await clear(it, nested);
      },
    ],
    [
      'revoking write access: the old ones first, from below',
      async (it, tid) => {
        await empty(it, tid, nested);
        await clear(it, nested);
        await empty(it, tid, shared);
        await list(it, tid, it.account.home, [fresh]);
        await move(it, tid, fresh, OWNS_NOTHING, [EMPTY_CHAMP]);
      },
    ],
    [
      'revoking write access: the nested one is emptied after its parent',
      async (it, tid) => {
        await list(it, tid, it.account.home, [fresh]);
        await empty(it, tid, shared);
        await empty(it, tid, nested);
        await clear(it, nested);
        await clear(it, shared);
      },
    ],
    [
      'granting write access to a folder around a shared one: the inner writer goes below the new one',
      async (it, tid) => {
        await list(it, tid, it.account.home, [fresh]);
        const rotated = treeOf('a again', 'b again');
        await move(it, tid, shared, { owned: it.below.owned, tree: rotated.tree }, rotated.values);
        await list(it, tid, fresh, [shared]);
        await move(it, tid, nested, { ...OWNS_NOTHING, v: 2 });
      },
    ],
    [
      'deleting: the parent first, then both are cleared, the nested one last',
      async (it, tid) => {
        await move(it, tid, it.account.home, OWNS_NOTHING, [EMPTY_CHAMP]);
        await clear(it, shared);
        await clear(it, nested);
      },
    ],
    [
      'moving between parents: another signer adopts what the first has let go',
      async (it, tid) => {
        await move(it, tid, it.account.home, OWNS_NOTHING, [EMPTY_CHAMP]);
        await move(it, tid, shared, { owned: it.below.owned, tree: it.inside.tree, v: 2 });
        await list(it, tid, it.account.identity, [it.account.home, shared]);
        await move(it, tid, shared, { owned: it.below.owned, tree: it.inside.tree, v: 3 });
      },
    ],
    [
      'everything in one batch, with blocks after it',
      async (it, tid) => {
        const { account, node } = it;
        const { owned, values } = await ownedBy(account.home, [fresh]);
        const states: [SigningKeyPair, CborValue][] = [
          [account.home, account.stateValue(account.home, { owned })],
          [shared, account.stateValue(shared, { ...OWNS_NOTHING, tree: cidOf(EMPTY_CHAMP) })],
        ];
        await account.put(account.home, tid, values);
        for (const [writer, state] of states) await account.put(writer, tid, [EMPTY_CHAMP, state]);
        const updates = states.map(async ([writer, state]) => ({
          writer: writer.hash,
          signed: await account.nextPointer(writer, cidOf(state)),
        }));
        await node.pointers.setMany(account.owner, await Promise.all(updates));
        for (const [writer, state] of states) account.note(writer, cidOf(state));
        await account.putRaw(shared, tid, [new Uint8Array(1000)]);
        await move(it, tid, fresh, OWNS_NOTHING, [EMPTY_CHAMP]);
      },
    ],
  ];
  test.each(orders)('%s', async (_what, steps) => {
    const it = await createFamily();
    const tid = await it.start();
    await steps(it, tid);
    await it.node.blocks.closeTransaction(it.account.owner, tid);
    await it.node.collect(it.account.owner);
    await it.account.commit(it.account.home, { ...OWNS_NOTHING, v: 9 }, [EMPTY_CHAMP]);
  });

  test('also when another process on the same stores takes the later steps', async () => {
    const it = await createFamily();
    const tid = await it.start();
    await list(it, tid, it.account.home, [fresh]);
    const other = createLocalNode(it.deps);
    const state = it.account.stateValue(shared, { owned: it.below.owned, v: 2 });
    const block = await signedBlock(shared, encodeCbor(state));
    await other.blocks.put(it.account.owner, shared.hash, [block], 'dag-cbor', tid);
    const signed = await it.account.nextPointer(shared, cidOf(state));
    await other.pointers.set(it.account.owner, shared.hash, signed);
    expect(await it.node.pointers.get(it.account.owner, shared.hash)).toEqual(signed);
  });
});

describe('emptying needs no transaction of before', () => {
  test('a writer that lost its place in an earlier commit is emptied in a later one', async () => {
    const it = await createFamily();
    await list(it, await it.start(), it.account.home, [fresh]);
    const later = await it.start();
    await empty(it, later, shared);
    await empty(it, later, nested);
    await clear(it, nested);
  });

  test('parts that an interrupted upload left in its tree may stay', async () => {
    const it = await createFamily();
    await list(it, await it.start(), it.account.home, [fresh]);
    const left = treeOf('a');
    await move(it, await it.start(), shared, { ...OWNS_NOTHING, tree: left.tree }, [
      EMPTY_CHAMP,
      left.values.at(-1)!,
    ]);
  });
});

describe('a writer that was revoked', () => {
  /** Mallory has opened a transaction in good time; then alice revokes. */
  async function revoked() {
    const it = await createFamily();
    const before = await it.start();
    await list(it, await it.start(), it.account.home, [fresh]);
    const after = await it.start();
    return { ...it, before, after };
  }
  const sendRaw = (it: Family, tid: string, sizeBytes: number, writer = shared) =>
    it.account.putRaw(writer, tid, [new Uint8Array(sizeBytes).fill(sizeBytes & 255)]);

  test.each([
    ['opened afterwards', (it: { after: string }) => it.after],
    ['made up', () => 'mine'],
    ['of another account', (_it: unknown, foreign: string) => foreign],
    ['dated back', (it: { after: string }) => it.after.replace(/-[0-9a-z]+-/u, '-0-')],
    ['counted back', (it: { after: string }) => it.after.replace(/-[0-9a-z]+(?=-[^-]*$)/u, '-0')],
  ])('sends nothing in a transaction %s', async (_what, tidOf) => {
    const it = await revoked();
    const bob = await TestAccount.signUp(it.node, 'bob');
    const tid = tidOf(it, await it.node.blocks.startTransaction(bob.owner));
    const stored = await it.node.storedBytes();
    for (const writer of [shared, nested]) {
      await expect(sendRaw(it, tid, 1000, writer)).rejects.toBeInstanceOf(UnknownWriter);
      await expect(it.account.put(writer, tid, ['x'])).rejects.toBeInstanceOf(UnknownWriter);
    }
    expect(await it.node.storedBytes()).toBe(stored);
  });

  test('sends no more than a bounded amount, with all writers and transactions together', async () => {
    const it = await revoked();
    let sent = 0;
    for (let i = 0; i < 40; i++) {
      const writer = i % 2 === 0 ? shared : nested;
      const done = await sendRaw(it, it.before, MIB - i, writer).then(
        () => true,
        () => false,
      );
      if (done) sent++;
    }
    expect(sent).toBeGreaterThanOrEqual(30);
    expect(sent).toBeLessThanOrEqual(32);
  });

  test('keeps nothing once the transaction is over, and sends no more after an hour', async () => {
    const it = await revoked();
    await it.node.blocks.closeTransaction(it.account.owner, it.before);
    await it.node.collect(it.account.owner);
    const stored = await it.node.storedBytes();
    await sendRaw(it, it.before, 500_000);
    expect(await it.node.storedBytes()).toBeGreaterThan(stored);
    await it.node.blocks.closeTransaction(it.account.owner, it.before);
    await it.node.collect(it.account.owner);
    expect(await it.node.storedBytes()).toBe(stored);
    it.time.nowMs += HOUR_MS + 1;
    await expect(sendRaw(it, it.before, 1000)).rejects.toBeInstanceOf(UnknownWriter);
  });

  test('fills a lost writer with nothing: neither old entries nor new ones come back', async () => {
    const it = await revoked();
    await empty(it, it.after, shared);
    const back = treeOf('a', 'b', 'mine');
    const state = it.account.stateValue(shared, { ...OWNS_NOTHING, tree: back.tree });
    await it.account.put(shared, it.after, [back.values.at(-1)!, state]);
    const signed = await it.account.nextPointer(shared, cidOf(state));
    await expect(
      it.node.pointers.set(it.account.owner, shared.hash, signed),
    ).rejects.toBeInstanceOf(UnknownWriter);
  });

  test.each([
    ['an owned key', async () => ({ owned: (await ownedBy(shared, [keyPair('m')])).owned })],
    ['a link', async () => ({ ...OWNS_NOTHING, links: cidOf(EMPTY_CHAMP) })],
    ['a named key', async () => ({ ...OWNS_NOTHING, named: new Map([['pki', 'x']]) })],
  ])('adds %s to a lost writer in no way', async (_what, fieldsOf) => {
    const it = await revoked();
    const { values } = await ownedBy(shared, [keyPair('m')]);
    const state = it.account.stateValue(shared, await fieldsOf());
    await it.account.put(it.account.home, it.after, [...values, EMPTY_CHAMP, state]);
    const signed = await it.account.nextPointer(shared, cidOf(state));
    await expect(
      it.node.pointers.set(it.account.owner, shared.hash, signed),
    ).rejects.toBeInstanceOf(UnknownWriter);
  });

  test('takes no writer from its place, whatever the lost one lists', async () => {
    const it = await revoked();
    await move(it, await it.start(), fresh, OWNS_NOTHING, [EMPTY_CHAMP]);
    const { owned, values } = await ownedBy(shared, [fresh]);
    await move(it, it.before, shared, { owned }, values);
    await it.account.commit(fresh, { ...OWNS_NOTHING, v: 2 });
    await it.account.put(fresh, 't', ['x']);
  });

  test('lists no writer that may do more than the lost one', async () => {
    const it = await revoked();
    const own = keyPair('mallory own');
    const { owned, values } = await ownedBy(shared, [own]);
    await move(it, it.before, shared, { owned }, values);
    await expect(sendRaw(it, it.after, 1000, own)).rejects.toBeInstanceOf(UnknownWriter);
    it.time.nowMs += DAY_MS + 1;
    await it.node.blocks.closeTransaction(it.account.owner, it.before);
    await it.node.collect(it.account.owner);
    await expect(sendRaw(it, it.before, 1000, own)).rejects.toBeInstanceOf(UnknownWriter);
    const signed = await it.account.nextPointer(shared, undefined);
    await expect(
      it.node.pointers.set(it.account.owner, shared.hash, signed),
    ).rejects.toBeInstanceOf(UnknownWriter);
  });

  test('replays no pointer of before', async () => {
    const it = await createFamily();
    const old = await it.account.nextPointer(shared, it.account.target(shared) && cidOf('x'));
    await list(it, await it.start(), it.account.home, [fresh]);
    await empty(it, await it.start(), shared);
    await expect(it.node.pointers.set(it.account.owner, shared.hash, old)).rejects.toBeInstanceOf(
      PointerConflict,
    );
  });

  test('fills the node with nothing by opening transactions', async () => {
    const { node, account, deps } = await createFamily();
    await node.blocks.startTransaction(account.owner);
    const count = async () =>
      (await Promise.all(['transactions', 'node', 'owners'].map((t) => deps.records.list(t, ''))))
        .flat()
        .reduce((sum, { value }) => sum + value.length, 0);
    const before = await count();
    for (let i = 0; i < 1000; i++) await node.blocks.startTransaction(account.owner);
    expect(await count()).toBe(before);
  });
});
