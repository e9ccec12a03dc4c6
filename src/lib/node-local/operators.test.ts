import { beforeAll, describe, expect, test } from 'vitest';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { sign, signRequest, signTime, startCrypto } from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import {
  MalformedRequest,
  RateLimited,
  RequestRepeated,
  StaleClock,
  Unauthorised,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { createBench, keyPair, signedBlock, TestAccount } from './testing.ts';

beforeAll(() => startCrypto());

async function createPlace() {
  const bench = createBench({
    operators: ['boss'],
    signUps: { admits: 'anyone', quotaBytes: 1_000_000 },
  });
  const alice = await TestAccount.signUp(bench.node, 'alice');
  const boss = await TestAccount.signUp(bench.node, 'boss');
  const { space, admin } = bench.node;
  const spaceRequest = (
    key: SigningKeyPair,
    username: string,
    bytes: number,
    timeMs = bench.time.nowMs,
  ) =>
    sign(
      key,
      encodeCbor(
        cborMap([
          ['u', username],
          ['s', bytes],
          ['t', timeMs],
        ]),
      ),
    );
  const approval = (username: string, request: Uint8Array) =>
    encodeCbor(
      cborMap([
        ['u', username],
        ['r', request],
      ]),
    );
  const pending = async (account = boss, timeMs = (bench.time.nowMs += 1)) =>
    (await admin.pending(account.owner, await signTime(account.identity, timeMs))) as CborMap[];
  const approve = async (username: string, request: Uint8Array, account = boss, signer = account) =>
    admin.approve(account.owner, await sign(signer.identity, approval(username, request)));
  const quota = async () =>
    space.quotaBytes(alice.owner, await signTime(alice.identity, bench.time.nowMs));
  return { ...bench, alice, boss, space, admin, spaceRequest, pending, approve, quota };
}

describe('requests for more space', () => {
  test('wait for the operator, one a user, and are granted at once', async () => {
    const { alice, space, spaceRequest, pending, approve, quota, time } = await createPlace();
    const request = await spaceRequest(alice.identity, 'alice', 9_000_000);
    const answer = (await space.request(alice.owner, request)) as CborMap;
    expect(answer.get('freeQuota')).toBe(1_000_000);
    const later = time.nowMs + 1;
    const second = await spaceRequest(alice.identity, 'alice', 99_000_000, later);
    await space.request(alice.owner, second);
    const [listed, ...others] = await pending();
    expect(others).toEqual([]);
    expect(listed?.get('u')).toBe('alice');
    expect(listed?.get('r')).toEqual(request);
    expect(await approve('alice', request)).toBe(true);
    expect(await quota()).toBe(9_000_000);
    expect(await pending()).toEqual([]);
  });

  test('cannot be approved twice, or when nobody asked', async () => {
    const { alice, space, node, spaceRequest, approve, quota } = await createPlace();
    const request = await spaceRequest(alice.identity, 'alice', 9_000_000);
    expect(await approve('alice', request)).toBe(false);
    await space.request(alice.owner, request);
    await approve('alice', request);
    await node.operator.setQuota('alice', 2_000_000);
    expect(await approve('alice', request)).toBe(false);
    expect(await quota()).toBe(2_000_000);
  });

  test('are the user’s own, signed and fresh', async () => {
    const { alice, boss, space, spaceRequest, time } = await createPlace();
    const send = async (request: Promise<Uint8Array>) => space.request(alice.owner, await request);
    await expect(send(spaceRequest(boss.identity, 'alice', 1))).rejects.toThrow(WrongSignature);
    await expect(send(spaceRequest(alice.identity, 'boss', 1))).rejects.toThrow(MalformedRequest);
    await expect(send(spaceRequest(alice.identity, 'alice', -1))).rejects.toThrow(MalformedRequest);
    const old = spaceRequest(alice.identity, 'alice', 1, time.nowMs - 301_000);
    await expect(send(old)).rejects.toBeInstanceOf(StaleClock);
    const early = spaceRequest(alice.identity, 'alice', 1, time.nowMs + 301_000);
    await expect(send(early)).rejects.toBeInstanceOf(StaleClock);
    await send(spaceRequest(alice.identity, 'alice', 1, time.nowMs + 299_000));
  });

  test('do not come back after they were granted, when somebody sends them again', async () => {
    const { alice, space, spaceRequest, pending, approve } = await createPlace();
    const request = await spaceRequest(alice.identity, 'alice', 9_000_000);
    await space.request(alice.owner, request);
    expect(await approve('alice', request)).toBe(true);
    await expect(space.request(alice.owner, request)).rejects.toBeInstanceOf(RequestRepeated);
    expect(await pending()).toEqual([]);
  });
});

describe('the operator', () => {
  test('alone sees and approves', async () => {
    const { alice, boss, space, spaceRequest, pending, approve } = await createPlace();
    const request = await spaceRequest(alice.identity, 'alice', 9_000_000);
    await space.request(alice.owner, request);
    expect(await pending(alice)).toEqual([]);
    await expect(approve('alice', request, alice)).rejects.toBeInstanceOf(Unauthorised);
    await expect(approve('alice', request, boss, alice)).rejects.toBeInstanceOf(WrongSignature);
    await expect(approve('boss', request)).rejects.toBeInstanceOf(WrongSignature);
  });

  test('uses each signed time once, within a minute, and none older than the last', async () => {
    const { boss, admin, time } = await createPlace();
    const at = (timeMs: number) => signTime(boss.identity, timeMs);
    const auth = await at(time.nowMs);
    await admin.pending(boss.owner, auth);
    await expect(admin.pending(boss.owner, auth)).rejects.toBeInstanceOf(RequestRepeated);
    const older = admin.pending(boss.owner, await at(time.nowMs - 1));
    await expect(older).rejects.toBeInstanceOf(RequestRepeated);
    const early = admin.pending(boss.owner, await at(time.nowMs + 60_001));
    await expect(early).rejects.toBeInstanceOf(StaleClock);
    await admin.pending(boss.owner, await at(time.nowMs + 1));
  });
});

describe('messages', () => {
  const message = (fields: Record<string, CborValue>) =>
    encodeCbor(cborMap(Object.entries({ id: -1, t: 2, d: false, b: 'hello', ...fields })));

  async function createTalk() {
    const place = await createPlace();
    const { node, alice, time } = place;
    const send = async (fields: Record<string, CborValue> = {}, key = alice.identity) =>
      node.messages.send('alice', await sign(key, message({ s: time.nowMs, ...fields })));
    const retrieve = async () => {
      const path = 'peergos/v0/server-message/retrieve';
      const auth = await signRequest(alice.identity, path, time.nowMs);
      const list = (await node.messages.retrieve('alice', auth)) as CborMap[];
      return list.map((each) => each.get('b'));
    };
    return { ...place, send, retrieve };
  }

  test('show a conversation once the operator has the last word, until it is dismissed', async () => {
    const { node, send, retrieve, time } = await createTalk();
    await send();
    expect(await retrieve()).toEqual([]);
    const [first] = await node.operator.messages('alice');
    time.nowMs += 1000;
    const reply = await node.operator.sendMessage('alice', 'yes?', first?.id);
    expect(await retrieve()).toEqual(['hello', 'yes?']);
    time.nowMs += 1000;
    await send({ id: reply.id, r: reply.id, d: true, b: 'thanks' });
    expect(await retrieve()).toEqual([]);
    const notice = await node.operator.sendMessage('alice', 'maintenance tonight');
    expect(await retrieve()).toEqual(['maintenance tonight']);
    expect(await send({ id: notice.id, t: 3, d: true, b: '' })).toBe(true);
    expect(await retrieve()).toEqual([]);
    expect(await send({ id: 999, t: 3, d: true, b: '' })).toBe(false);
  });

  test('of a user are his own, fresh, short and few', async () => {
    const { send, time, boss } = await createTalk();
    await expect(send({}, boss.identity)).rejects.toBeInstanceOf(WrongSignature);
    await expect(send({ t: 1 })).rejects.toBeInstanceOf(MalformedRequest);
    await expect(send({ b: 'x'.repeat(4097) })).rejects.toBeInstanceOf(MalformedRequest);
    await expect(send({ s: time.nowMs - 3_600_001 })).rejects.toBeInstanceOf(StaleClock);
    for (let i = 0; i < 21; i++) await send({ s: (time.nowMs += 1) });
    await expect(send()).rejects.toBeInstanceOf(RequestRepeated);
    time.nowMs += 1;
    await expect(send()).rejects.toBeInstanceOf(RateLimited);
    time.nowMs += 3_600_001;
    await send();
  });
});

describe('the waiting list', () => {
  test('takes addresses where there is one', async () => {
    const closed = createBench();
    expect(await closed.node.admin.joinWaitingList('a@example.org')).toBe(false);
    const { node } = createBench({ hasWaitingList: true });
    expect(await node.admin.joinWaitingList('a@example.org')).toBe(true);
    expect(await node.admin.joinWaitingList('A@Example.org')).toBe(true);
    expect(await node.admin.joinWaitingList('not an address')).toBe(false);
    expect((await node.operator.waitingList()).map(({ email }) => email)).toEqual([
      'a@example.org',
    ]);
  });
});

describe('an upload limit', () => {
  test('stops who uploads more than it in the time, says when that ends, and ends then', async () => {
    const { node, time } = createBench({
      uploadLimit: { bytes: 100_000, windowMs: 86_400_000 },
      signUps: { admits: 'anyone', quotaBytes: 10_000_000 },
    });
    const alice = await TestAccount.signUp(node, 'alice');
    const upload = async (first: number) => {
      const blocks = [await signedBlock(alice.home, new Uint8Array(40_000).fill(first))];
      const tid = String(first);
      await node.blocks.put(alice.owner, alice.home.hash, blocks, 'raw', tid);
      await node.blocks.closeTransaction(alice.owner, tid);
      await node.collect(alice.owner);
    };
    await upload(1);
    await upload(2);
    await upload(3); // small enough to belong to a deletion: a quarter more
    const refusal = await upload(4).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ limit: 'uploads' });
    const { untilMs = 0, message } = refusal as RateLimited;
    expect(message).toMatch(/ It goes on at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/u);
    expect(untilMs).toBeLessThanOrEqual(time.nowMs + 2 * 86_400_000);
    time.nowMs = untilMs - 60_000;
    await expect(upload(4)).rejects.toMatchObject({ limit: 'uploads' });
    time.nowMs = untilMs;
    await upload(4);
  });

  test('is none unless somebody set it: what was deleted has room again at once', async () => {
    const quotaBytes = 3_000_000;
    const { node } = createBench({ signUps: { admits: 'anyone', quotaBytes } });
    const alice = await TestAccount.signUp(node, 'alice');
    for (let first = 0; first < 12; first++) {
      const tid = String(first);
      await alice.putRaw(alice.home, tid, [new Uint8Array(1_000_000).fill(first)]);
      await node.blocks.closeTransaction(alice.owner, tid);
    }
  });
});

describe('follow requests', () => {
  test('are limited, kept once and removed by the target', async () => {
    const { node, alice, time } = await createPlace();
    const request = (n: number) => encodeCbor(cborMap([['k', n]]));
    for (let i = 0; i <= 100; i++) {
      expect(await node.inbox.send(alice.owner, request(i))).toBe(true);
    }
    expect(await node.inbox.send(alice.owner, request(0))).toBe(false);
    const list = async () =>
      node.inbox.list(alice.owner, await signTime(alice.identity, time.nowMs));
    expect(await list()).toHaveLength(101);
    const mallory = keyPair('mallory');
    expect(await node.inbox.remove(alice.owner, await sign(mallory, request(0)))).toBe(false);
    expect(await node.inbox.remove(alice.owner, await sign(alice.identity, request(0)))).toBe(true);
    expect(await list()).toHaveLength(100);
    expect(await node.inbox.send(alice.owner, request(1))).toBe(true);
    expect(await list()).toHaveLength(100);
    const bad = [
      new Uint8Array(4097),
      encodeCbor('text'),
      new Uint8Array(),
      Uint8Array.of(0xa0, 0),
    ];
    for (const bytes of bad) {
      await expect(node.inbox.send(alice.owner, bytes)).rejects.toBeInstanceOf(MalformedRequest);
    }
  });
});
