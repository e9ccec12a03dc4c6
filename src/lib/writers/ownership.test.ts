import { describe, expect, it } from 'vitest';
import { EMPTY_CHAMP_CID, ownedKeyChampKey } from '#lib/champ/index.ts';
import { asBytes, asLink, CODEC, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow, ownerProof, Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { openPointer } from '#lib/protocol/index.ts';
import {
  Commit,
  createWriterLock,
  NotOwned,
  ownedBy,
  Snapshot,
  verifyOwned,
  withWriterLock,
} from './index.ts';
import { createTestAccount, depsOn, seededRandom } from './testing.ts';

describe('ownership', () => {
  it('reaches through writers of writers, and no further', async () => {
    const { deps, node, owner, home } = await createTestAccount();
    const random = seededRandom(4);
    const commit = new Commit(deps, owner);
    const child = await commit.createWriter(home, SigningKeyPair.random(random));
    const grandchild = await commit.createWriter(child, SigningKeyPair.random(random));
    await commit.commit();
    for (const writer of [owner, home.hash, child.hash, grandchild.hash]) {
      await verifyOwned(new Snapshot(depsOn(node), owner), writer);
    }
    const stranger = SigningKeyPair.random(random).hash;
    const snapshot = new Snapshot(depsOn(node), owner);
    await expect(verifyOwned(snapshot, stranger)).rejects.toBeInstanceOf(NotOwned);
  });

  it('a key that is listed without its own agreement is not owned', async () => {
    const { deps, node, owner, home } = await createTestAccount();
    const random = seededRandom(4);
    const victim = SigningKeyPair.random(random);
    const impostor = SigningKeyPair.random(random);
    // The victim agreed to be owned by somebody else; the list of the home says it is the home's.
    const proof = encodeCbor(await ownerProof(victim, impostor.hash));
    const honest = new Snapshot(depsOn(node), owner);
    const { data } = await honest.state(home.hash);
    const block = encodeCbor([
      Uint8Array.of(1 << (ownedKeyChampKey(victim.hash)[0]! & 7)),
      new Uint8Array(),
      [[ownedKeyChampKey(victim.hash), hashBlockNow(proof, CODEC.dagCbor)]],
    ]);
    class Forged extends Snapshot {
      override async state(writer: KeyHash) {
        const state = await super.state(writer);
        if (!writer.equals(home.hash)) return state;
        return { ...state, data: data!.with({ owned: hashBlockNow(block, CODEC.dagCbor) }) };
      }
      override block(cid: Parameters<Snapshot['block']>[0]) {
        if (cid.equals(hashBlockNow(block, CODEC.dagCbor))) return Promise.resolve(block);
        if (cid.equals(hashBlockNow(proof, CODEC.dagCbor))) return Promise.resolve(proof);
        return super.block(cid);
      }
    }
    const snapshot = new Forged(deps, owner);
    await expect(verifyOwned(snapshot, victim.hash)).rejects.toBeInstanceOf(NotOwned);
    const listed: KeyHash[] = [];
    for await (const each of ownedBy(snapshot, home.hash)) listed.push(each);
    expect(listed).toEqual([]);
  });
});

describe('the writes of a sign-up', () => {
  it('per writer all blocks, each once, then one pointer of sequence 1; the owner first', async () => {
    const random = seededRandom(8);
    const identity = SigningKeyPair.random(random);
    const silent = new Proxy({}, { get: () => expect.fail('the node was asked') });
    const deps = depsOn(silent as never);
    const commit = Commit.forNewAccount(deps, Signer.of(identity), {});
    const boxing = commit.putCbor(Signer.of(identity), 'the boxing key');
    await commit.changeWriterData(Signer.of(identity), (data) =>
      data.with({ inbound: boxing as KeyHash }),
    );
    const home = await commit.createWriter(Signer.of(identity), SigningKeyPair.random(random));
    const node = commit.putCbor(home, 'a node');
    await commit.setMapped(home, random(32) as never, undefined, node);
    commit.putCbor(home, 'linked by nothing');
    const writes = await commit.buildOpLog();
    const writers = writes.map((write) => asLink(write.get('w'), 'writer').toString());
    const shown = writes.map((write) => (write.has('r') ? 'block' : 'pointer'));
    // Proof, state, owned tree, boxing key; then node, state, empty owned tree, tree.
    expect(shown).toEqual([
      ...['block', 'block', 'block', 'block', 'pointer'],
      ...['block', 'block', 'block', 'block', 'pointer'],
    ]);
    expect(writers).toEqual([
      ...new Array<string>(5).fill(identity.hash.toString()),
      ...new Array<string>(5).fill(home.hash.toString()),
    ]);
    const blocks = new Map(
      writes
        .filter((write) => write.has('b'))
        .map((write) => {
          const bytes = asBytes(write.get('b'), 'block');
          return [hashBlockNow(bytes, CODEC.dagCbor).toString(), bytes];
        }),
    );
    for (const [i, writer] of [
      [4, identity.hash],
      [9, home.hash],
    ] as const) {
      const update = await openPointer(writer, asBytes(writes[i]!.get('s'), 'pointer'));
      expect([update.original, update.sequence]).toEqual([undefined, 1]);
      expect(blocks.has(update.updated!.toString())).toBe(true);
    }
    expect(blocks.has(EMPTY_CHAMP_CID.toString())).toBe(true);
    expect([...blocks.values()].map((bytes) => decodeBlock(bytes))).toContain('the boxing key');
    expect([...blocks.values()].map((bytes) => decodeBlock(bytes))).not.toContain(
      'linked by nothing',
    );
  });
});

/** As much of the Web Locks API as is used: exclusive locks by name, granted in order (W3C Web Locks §4). */
function webLocks(): Pick<LockManager, 'request'> {
  const held = new Map<string, Promise<unknown>>();
  const request = (name: string, ...rest: unknown[]): Promise<unknown> => {
    const work = rest.at(-1) as (lock: unknown) => Promise<unknown>;
    const granted = (held.get(name) ?? Promise.resolve()).then(() => work({ name }));
    held.set(
      name,
      granted.catch(() => undefined),
    );
    return granted;
  };
  return { request: request as LockManager['request'] };
}

describe('the lock of a writer', () => {
  const writer = SigningKeyPair.fromSeed(new Uint8Array(32).fill(1)).hash;
  const other = SigningKeyPair.fromSeed(new Uint8Array(32).fill(2)).hash;
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  it.each([
    ['within this instance', undefined],
    ['by Web Locks', webLocks()],
  ])('%s: one after the other in order of asking, other writers beside', async (_, locks) => {
    const lock = createWriterLock(locks);
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await pause(5);
      log.push(`${name} ends`);
      if (name === 'second') throw new Error('failed');
      return name;
    };
    const results = await Promise.allSettled([
      withWriterLock(lock, writer, writer, work('first')),
      withWriterLock(lock, writer, writer, work('second')),
      withWriterLock(lock, writer, writer, work('third')),
      withWriterLock(lock, writer, other, async () => log.push('beside')),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(log.filter((line) => line !== 'beside')).toEqual(
      ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
    expect(log.indexOf('beside')).toBeLessThan(log.indexOf('second begins'));
  });

  it('an aborted waiter does not block the others', async () => {
    const lock = createWriterLock();
    const control = new AbortController();
    const log: string[] = [];
    const first = withWriterLock(lock, writer, writer, async () => {
      await pause(10);
      log.push('first');
    });
    const second = withWriterLock(
      lock,
      writer,
      writer,
      async () => void log.push('second'),
      control.signal,
    );
    const third = withWriterLock(lock, writer, writer, async () => void log.push('third'));
    const reason = new Error('given up');
    control.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(log).toEqual([]);
    await Promise.all([first, third]);
    expect(log).toEqual(['first', 'third']);
  });
});
