/**
 * Changes that wait for the node: in order, over restarts and lost answers, beside what the node
 * refuses and what is damaged. The oracle of the model is one word per space, the text that was
 * written last; it knows no blocks, journals or transactions.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { hashBlockNow, startCrypto } from '#lib/crypto/index.ts';
import { CODEC } from '#lib/codec/index.ts';
import { rememberingEngines } from '#lib/crypto/testing/remembering-engines.ts';
import { createBench, keyPair, ownedBy, TestAccount } from '#lib/node-local/testing.ts';
import { pointerStateOf, QuotaExceeded } from '#lib/protocol/index.ts';
import { PendingDamaged, PendingFull } from './errors.ts';
import { entryFromBytes } from './entries.ts';
import {
  closeTransaction,
  createDevice,
  makeChange,
  movePointer,
  putBlocks,
  rawOf,
  signatureOf,
  stateOf,
  type Change,
  type Device,
  type Stores,
} from './testing.ts';

beforeAll(async () => void (await startCrypto({ engines: rememberingEngines })));

const DAY_MS = 24 * 3600 * 1000;

/** An account with a second space, at a server; a device that has seen its pointers. */
async function setUp(options: { maxBytes?: number } = {}) {
  const bench = createBench();
  const account = await TestAccount.signUp(bench.node);
  const second = keyPair('second space');
  const { owned, values } = await ownedBy(account.identity, [account.home, second]);
  await account.commit(account.identity, { owned }, values);
  await account.commit(second, { text: 'begun' });
  const writers = [account.home, second] as const;
  /** A device, or the same one after a restart. */
  const open = (stores?: Stores, death: Death = { at: Infinity, when: 'before' }): Device =>
    createDevice(bench.node, {
      ...options,
      ...(stores === undefined ? {} : { stores, queueStores: dyingAt(stores, death) }),
      nowMs: () => bench.time.nowMs,
    });
  const device = open();
  for (const { hash } of writers) await device.node.pointers.get(account.owner, hash);
  const serverTarget = async (writer: Change['writer']) =>
    pointerStateOf(await bench.node.pointers.get(account.owner, writer.hash)).target?.toString();
  return { bench, account, writers, open, device, serverTarget };
}

type It = Awaited<ReturnType<typeof setUp>>;

/** The node has a change: its pointer is there, and both of its blocks can be read. */
async function expectAtServer({ bench, account, serverTarget }: It, change: Change) {
  const { owner } = account;
  expect(await serverTarget(change.writer)).toBe(stateOf(account, change).toString());
  expect(await bench.node.blocks.get(owner, stateOf(account, change))).toBeDefined();
  const raw = hashBlockNow(rawOf(change), CODEC.raw);
  expect(Buffer.from((await bench.node.blocks.get(owner, raw))!)).toEqual(
    Buffer.from(rawOf(change)),
  );
}

/** What is kept for pending changes on a device. */
async function keptOf({ stores }: Pick<Device, 'stores'>): Promise<string[]> {
  const tables = ['pending-entries', 'pending-pointers', 'pending-bases'];
  const records = await Promise.all(tables.map((table) => stores.records.list(table, '')));
  const blocks = await stores.blocks.list('pending/');
  return [...records.flat(), ...blocks].map(({ key }) => key);
}

describe('changes made while the node is away', () => {
  it('are read at once, and reach the node in the order in which they were made', async () => {
    const it = await setUp();
    const { account, device, writers } = it;
    const changes = [0, 1, 0, 0, 1].map((at, i) => ({ writer: writers[at]!, text: `${i}` }));
    device.line.isUp = false;
    const made: string[] = [];
    for (const change of changes) {
      made.push(signatureOf(await makeChange(account, device, change)));
      const raw = hashBlockNow(rawOf(change), CODEC.raw);
      expect(await device.node.blocks.sizeBytes(account.owner, raw)).toBe(100);
    }
    expect(await device.node.pending(account.owner)).toBe(5);
    expect(await device.node.through.pointers.get(account.owner, writers[0].hash)).not.toEqual(
      await device.node.pointers.get(account.owner, writers[0].hash),
    );
    device.line.isUp = true;
    expect(await device.node.send(account.owner)).toBe('sent');
    expect(device.line.moves).toEqual(made);
    await expectAtServer(it, changes[3]!);
    await expectAtServer(it, changes[4]!);
    expect(await keptOf(device)).toEqual([]);
  });

  it('make later changes pending too, although these could be sent', async () => {
    const { account, device, writers, serverTarget } = await setUp();
    const before = await serverTarget(writers[1]);
    device.line.isUp = false;
    await makeChange(account, device, { writer: writers[0], text: 'first' });
    device.line.isUp = true;
    await makeChange(account, device, { writer: writers[1], text: 'second' });
    expect(await serverTarget(writers[1])).toBe(before);
    expect(await device.node.pending(account.owner)).toBe(2);
  });

  it('that lead to no pointer are forgotten when their transaction ends', async () => {
    const { account, device, writers } = await setUp();
    device.line.isUp = false;
    const tid = await device.node.blocks.startTransaction(account.owner);
    await putBlocks(account, device, { writer: writers[0], text: 'given up' }, tid);
    expect(await keptOf(device)).not.toEqual([]);
    await device.node.blocks.closeTransaction(account.owner, tid);
    expect(await keptOf(device)).toEqual([]);
  });
});

describe.each(Array.from({ length: 24 }, (_, seed) => seed))('at random, seed %i', (seed) => {
  it('the node ends with what was written last, and the device with nothing', async () => {
    const it = await setUp();
    const { account, writers, open } = it;
    const random = createSeededRandom(seed);
    let { device } = it;
    const last = new Map<Change['writer'], Change>();
    for (let step = 0; step < 14; step++) {
      const kind = random.below(7);
      if (kind <= 2) {
        const change = { writer: random.pick(writers), text: `${seed} ${step}` };
        await makeChange(account, device, change);
        last.set(change.writer, change);
      } else if (kind === 3) device.line.isUp = !device.line.isUp;
      else if (kind === 4) {
        Object.assign(device.line, { left: random.below(9), losesAnswer: random.chance(0.5) });
      } else if (kind === 5) {
        const { isUp } = device.line;
        device = open(device.stores);
        device.line.isUp = isUp;
      } else {
        Object.assign(device.line, { isUp: true, left: random.below(12) });
        Object.assign(device.line, { losesAnswer: random.chance(0.5) });
        await device.node.send(account.owner).catch(() => undefined);
      }
      for (const [writer, change] of last) {
        const signed = await device.node.pointers.get(account.owner, writer.hash);
        const { target } = pointerStateOf(signed);
        expect(target?.equals(stateOf(account, change)), `step ${step}`).toBe(true);
      }
    }
    Object.assign(device.line, { isUp: true, left: Infinity });
    expect(await device.node.send(account.owner)).toBe('sent');
    for (const change of last.values()) await expectAtServer(it, change);
    expect(await device.node.pending(account.owner)).toBe(0);
    expect(await keptOf(device)).toEqual([]);
  });
});

class Killed extends Error {
  override readonly name = 'Killed';
}

/** A process that dies at its `at`-th call to the stores, before it took effect or right after. */
interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

function dyingAt(stores: Stores, { at, when }: Death): Stores {
  let calls = 0;
  const dying = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (inner, name) => {
        const member: unknown = Reflect.get(inner, name);
        if (typeof member !== 'function') return member;
        return async (...asked: unknown[]) => {
          const isLast = ++calls === at;
          if (calls > at || (isLast && when === 'before')) throw new Killed();
          const answer: unknown = await Reflect.apply(member, inner, asked);
          if (isLast) throw new Killed();
          return answer;
        };
      },
    });
  return { blocks: dying(stores.blocks), records: dying(stores.records) };
}

describe.each(['before', 'after'] as const)('a process that dies %s it stored', (when) => {
  it('something while a change is made leaves it made or not made', async () => {
    const seen = new Set<string>();
    for (let at = 1, isWhole = false; !isWhole; at++) {
      const it = await setUp();
      const { account, writers, open, device, serverTarget } = it;
      device.line.isUp = false;
      const first = { writer: writers[0], text: 'first' };
      const next = { writer: writers[0], text: 'next' };
      await makeChange(account, device, first);
      const dying = open(device.stores, { at, when });
      dying.line.isUp = false;
      isWhole = await makeChange(account, dying, next).then(
        () => true,
        () => false,
      );
      const again = open(device.stores);
      again.line.isUp = false;
      const signed = await again.node.pointers.get(account.owner, writers[0].hash);
      const { target } = pointerStateOf(signed);
      const isMade = target?.equals(stateOf(account, next)) === true;
      if (!isMade) expect(target?.equals(stateOf(account, first))).toBe(true);
      if (isWhole) expect(isMade).toBe(true);
      again.line.isUp = true;
      expect(await again.node.send(account.owner)).toBe('sent');
      await expectAtServer(it, isMade ? next : first);
      expect(await serverTarget(writers[0])).toBe(target?.toString());
      seen.add(`${isWhole ? 'whole' : 'killed'}, ${isMade ? 'made' : 'not made'}`);
    }
    const made = when === 'after' ? ['killed, made'] : [];
    expect([...seen].sort()).toEqual([...made, 'killed, not made', 'whole, made']);
  });

  it('something while changes are sent goes on where it was', async () => {
    for (let at = 1, isWhole = false; !isWhole; at++) {
      const it = await setUp();
      const { account, writers, open, device } = it;
      const changes = [0, 1, 0].map((of, i) => ({ writer: writers[of]!, text: `${i}` }));
      device.line.isUp = false;
      for (const change of changes) await makeChange(account, device, change);
      const dying = open(device.stores, { at, when });
      isWhole = await dying.node.send(account.owner).then(
        () => true,
        () => false,
      );
      const again = open(device.stores);
      expect(await again.node.send(account.owner)).toBe('sent');
      await expectAtServer(it, changes[1]!);
      await expectAtServer(it, changes[2]!);
      // Nothing took effect twice.
      const moves = [...dying.line.moves, ...again.line.moves];
      expect(new Set(moves).size).toBe(moves.length);
      expect(await again.node.pending(account.owner)).toBe(0);
      if (isWhole) expect(await keptOf(again)).toEqual([]);
    }
  });
});

describe('a lost answer', () => {
  it('to an update that was sent is recognised, whichever it is', async () => {
    for (const lost of [0, 1, 2]) {
      const it = await setUp();
      const { account, writers, device } = it;
      const changes = [0, 1, 0].map((of, i) => ({ writer: writers[of]!, text: `${i}` }));
      device.line.isUp = false;
      for (const change of changes) await makeChange(account, device, change);
      Object.assign(device.line, { isUp: true, losesAnswer: true });
      device.line.breaksAt = (call) => call === 'pointers.set' && device.line.moves.length === lost;
      await expect(device.node.send(account.owner)).rejects.toMatchObject({
        name: 'NodeUnreachable',
      });
      expect(device.line.moves).toHaveLength(lost + 1);
      Object.assign(device.line, { isUp: true, breaksAt: () => false });
      expect(await device.node.send(account.owner)).toBe('sent');
      expect(device.line.moves).toHaveLength(3);
      await expectAtServer(it, changes[1]!);
      await expectAtServer(it, changes[2]!);
    }
  });
});

describe('what the node refuses', () => {
  it('stays pending with all later changes, and is sent when the node accepts it', async () => {
    const it = await setUp();
    const { account, writers, device } = it;
    const changes = [0, 1, 0].map((of, i) => ({ writer: writers[of]!, text: `${i}` }));
    device.line.isUp = false;
    const made: string[] = [];
    for (const change of changes) {
      made.push(signatureOf(await makeChange(account, device, change)));
    }
    device.line.isUp = true;
    device.line.refuse = (call, [, writer]) => {
      const isSecond = (writer as { equals?: (other: unknown) => boolean } | undefined)?.equals;
      if (call === 'blocks.put' && isSecond?.call(writer, writers[1].hash) === true) {
        throw new QuotaExceeded(2, 1);
      }
    };
    await expect(device.node.send(account.owner)).rejects.toThrow(QuotaExceeded);
    expect(device.line.moves).toEqual(made.slice(0, 1));
    expect(await device.node.pending(account.owner)).toBe(2);
    await expectAtServer(it, changes[0]!);
    device.line.refuse = () => undefined;
    expect(await device.node.send(account.owner)).toBe('sent');
    expect(device.line.moves).toEqual(made);
  });

  it('because somebody else was first is left to be merged, and finished by name', async () => {
    const { bench, account, writers, device, serverTarget } = await setUp();
    device.line.isUp = false;
    await makeChange(account, device, { writer: writers[0], text: 'here' });
    const there = { writer: writers[0], text: 'there' };
    await makeChange(account, createDevice(bench.node, { seed: 'other' }), there);
    device.line.isUp = true;
    expect(await device.node.send(account.owner)).toBe('diverged');
    expect(await serverTarget(writers[0])).toBe(stateOf(account, there).toString());
    const entries = await device.node.pendingEntries(account.owner);
    await makeChange(account, device, { writer: writers[0], text: 'later' });
    expect(await device.node.finish(account.owner, entries)).toBe(false);
    const all = await device.node.pendingEntries(account.owner);
    expect(all.length).toBeGreaterThan(entries.length);
    expect(await device.node.finish(account.owner, all)).toBe(true);
    expect(await keptOf(device)).toEqual([]);
  });
});

describe('two transactions that are open', () => {
  it('bring what the node had acknowledged of both, though it forgot it meanwhile', async () => {
    const it = await setUp();
    const { bench, account, writers, device } = it;
    const { owner } = account;
    const [one, other] = writers.map((writer, i) => ({ writer, text: `of ${i}` }));
    const tids = [
      await device.node.blocks.startTransaction(owner),
      await device.node.blocks.startTransaction(owner),
    ];
    await putBlocks(account, device, one!, tids[0]!);
    await putBlocks(account, device, other!, tids[1]!);
    device.line.isUp = false;
    await movePointer(account, device, other!);
    await closeTransaction(account, device, tids[1]!);
    bench.time.nowMs += 3 * DAY_MS;
    await bench.node.collect(owner);
    await movePointer(account, device, one!);
    await closeTransaction(account, device, tids[0]!);
    device.line.isUp = true;
    expect(await device.node.send(owner)).toBe('sent');
    await expectAtServer(it, one!);
    await expectAtServer(it, other!);
    expect(await keptOf(device)).toEqual([]);
  });

  it('keep blocks that were sent along with the other until their own pointer follows', async () => {
    const it = await setUp();
    const { bench, account, writers, device } = it;
    const { owner } = account;
    const [slow, quick] = writers.map((writer, i) => ({ writer, text: `of ${i}` }));
    device.line.isUp = false;
    const tid = await device.node.blocks.startTransaction(owner);
    await putBlocks(account, device, slow!, tid);
    await makeChange(account, device, quick!);
    device.line.isUp = true;
    expect(await device.node.send(owner)).toBe('sent');
    device.line.isUp = false;
    // The node keeps what no pointer reaches only for a while.
    bench.time.nowMs += 3 * DAY_MS;
    await bench.node.collect(owner);
    await makeChange(account, device, { ...quick!, text: 'meanwhile' });
    await movePointer(account, device, slow!);
    await closeTransaction(account, device, tid);
    device.line.isUp = true;
    expect(await device.node.send(owner)).toBe('sent');
    await expectAtServer(it, slow!);
    expect(await keptOf(device)).toEqual([]);
  });

  it('keep the blocks of one that goes on when those of the other are forgotten', async () => {
    const it = await setUp();
    const { account, writers, device } = it;
    const { owner } = account;
    const change = { writer: writers[0], text: 'shared' };
    device.line.isUp = false;
    const tids = [
      await device.node.blocks.startTransaction(owner),
      await device.node.blocks.startTransaction(owner),
    ];
    // Both hold the same blocks.
    for (const tid of tids) await putBlocks(account, device, change, tid);
    await device.node.blocks.closeTransaction(owner, tids[0]!);
    await movePointer(account, device, change);
    await device.node.blocks.closeTransaction(owner, tids[1]!);
    device.line.isUp = true;
    expect(await device.node.send(owner)).toBe('sent');
    await expectAtServer(it, change);
  });
});

describe('a journal that is damaged', () => {
  const owner = (it: It): string => it.account.owner.toString();
  const DAMAGE: Record<string, (it: It) => Promise<unknown>> = {
    'a block that is gone': async ({ device }) => {
      const [first] = await device.stores.blocks.list('pending/');
      return device.stores.blocks.deleteMany([first!.key]);
    },
    'a block of other bytes': async ({ device }) => {
      const [first] = await device.stores.blocks.list('pending/');
      const bytes = (await device.stores.blocks.get(first!.key))!.slice();
      bytes[9]! ^= 1;
      await device.stores.blocks.deleteMany([first!.key]);
      return device.stores.blocks.putMany([{ key: first!.key, bytes }], 'for content');
    },
    'an update with another signature': (it) =>
      it.device.stores.records.list('pending-entries', owner(it)).then((listed) => {
        const { key, value } = listed.at(-1)!;
        const changed = value.slice();
        changed[changed.length - 100]! ^= 1;
        return it.device.stores.records.apply({
          writes: [{ table: 'pending-entries', key, value: changed }],
        });
      }),
    'a record that is no entry': (it) =>
      it.device.stores.records.list('pending-entries', owner(it)).then(([first]) =>
        it.device.stores.records.apply({
          writes: [{ table: 'pending-entries', key: first!.key, value: Uint8Array.of(0x80) }],
        }),
      ),
  };

  it.each(Object.entries(DAMAGE))('by %s is not sent, and can be given up', async (_, damage) => {
    const it = await setUp();
    const { account, writers, device, open, serverTarget } = it;
    const before = await serverTarget(writers[0]);
    device.line.isUp = false;
    await makeChange(account, device, { writer: writers[0], text: 'hurt' });
    await damage(it);
    const again = open(device.stores);
    await expect(again.node.send(account.owner)).rejects.toThrow(PendingDamaged);
    expect(await serverTarget(writers[0])).toBe(before);
    expect(await again.node.pending(account.owner)).toBeGreaterThan(0);
    await again.node.discard(account.owner);
    expect(await keptOf(again)).toEqual([]);
    const after = { writer: writers[0], text: 'after' };
    await makeChange(account, again, after);
    await expectAtServer(it, after);
  });

  it('in any byte of an entry is an entry or a named error, never a fault', async () => {
    const { account, writers, device } = await setUp();
    device.line.isUp = false;
    await makeChange(account, device, { writer: writers[0], text: 'fuzzed' });
    const listed = await device.stores.records.list('pending-entries', '');
    const kinds = new Set<string>();
    for (const { value } of listed) {
      kinds.add(entryFromBytes('0', value).kind);
      for (let at = 0; at < value.length; at++) {
        for (const bytes of [value.subarray(0, at), value.with(at, value[at]! ^ (1 << (at % 8)))]) {
          try {
            expect(['blocks', 'move']).toContain(entryFromBytes('0', bytes).kind);
          } catch (error) {
            expect(error).toBeInstanceOf(PyrgosError);
          }
        }
      }
    }
    expect([...kinds].sort()).toEqual(['blocks', 'move']);
  });
});

describe('the limit of pending changes', () => {
  const stateBytes = async ({ account, writers }: It): Promise<number> => {
    const probe = await setUp();
    probe.device.line.isUp = false;
    const tid = await probe.device.node.blocks.startTransaction(account.owner);
    await putBlocks(probe.account, probe.device, { writer: writers[0], text: '0' }, tid);
    const sizes = (await probe.device.stores.blocks.list('pending/')).map((one) => one.sizeBytes);
    return sizes.reduce((sum, size) => sum + size, 0) - 100;
  };

  it('is reached by the last byte that fits, and refuses the next change whole', async () => {
    const overhead = await stateBytes(await setUp());
    const maxBytes = 2 * (1000 + overhead);
    const it = await setUp({ maxBytes });
    const { account, writers, device } = it;
    device.line.isUp = false;
    const fitting = [0, 1].map((of, i) => ({
      writer: writers[of]!,
      text: `${i}`,
      sizeBytes: 1000,
    }));
    for (const change of fitting) await makeChange(account, device, change);
    const kept = await keptOf(device);
    const more = { writer: writers[0], text: '2', sizeBytes: 1 };
    const tid = await device.node.blocks.startTransaction(account.owner);
    const refused = await putBlocks(account, device, more, tid).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PendingFull);
    expect(refused).toMatchObject({ maxBytes });
    await device.node.blocks.closeTransaction(account.owner, tid);
    expect(await keptOf(device)).toEqual(kept);
    device.line.isUp = true;
    expect(await device.node.send(account.owner)).toBe('sent');
    for (const change of fitting) await expectAtServer(it, change);
    // There is room again.
    device.line.isUp = false;
    await makeChange(account, device, more);
  });

  it('counts what the node acknowledged under a transaction that did not end', async () => {
    const { account, writers, device } = await setUp({ maxBytes: 1500 });
    const { owner } = account;
    const tid = await device.node.blocks.startTransaction(owner);
    for (const text of ['a', 'b']) {
      await putBlocks(account, device, { writer: writers[0], text, sizeBytes: 1000 }, tid);
    }
    device.line.isUp = false;
    const change = { writer: writers[0], text: 'b', sizeBytes: 1000 };
    await expect(movePointer(account, device, change)).rejects.toThrow(PendingFull);
    expect(await keptOf(device)).toEqual([]);
  });
});
