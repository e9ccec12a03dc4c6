/** Writes whose answer is lost or wrong: what is settled by reading back, and what is not believed. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import {
  MalformedAnswer,
  NameTaken,
  NodeUnreachable,
  PATHS,
  PointerConflict,
  PointerRefused,
  QuotaExceeded,
} from '#lib/protocol/index.ts';
import {
  cidOf,
  keyPair,
  signedBlock,
  signedPointer,
  TestAccount,
} from '#lib/node-local/testing.ts';
import { asked, dropped, refusal, served, signedUp } from './testing.ts';
import type { ServedOptions } from './testing.ts';

const owner = keyPair('owner').hash;
const writer = keyPair('writer');
const cid = cidOf('a block');
const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);

beforeAll(async () => void (await startCrypto()));
afterEach(() => void vi.useRealTimers());

describe('uploads', () => {
  const answers: [string, (right: string[]) => string][] = [
    ['another CID', ([, ...rest]) => [cid.toString(), ...rest].map(hash).join('')],
    ['another order', (right) => right.toReversed().map(hash).join('')],
    ['too few', ([first]) => hash(first!)],
    ['too many', (right) => [...right, cid.toString()].map(hash).join('')],
    ['no CIDs', () => hash('x').repeat(2)],
    ['nothing', () => ''],
    ['a list', (right) => `[${right.map(hash).join(',')}]`],
    ['more beside', (right) => `${right.map(hash).join('')}<script>`],
  ];
  const hash = (text: string) => JSON.stringify({ Hash: text });

  test.each(answers)('acknowledged with %s are not stored', async (_, answer) => {
    const blocks = await Promise.all([raw(1), raw(2)].map((bytes) => signedBlock(writer, bytes)));
    const right: string[] = [];
    const honest = await signedUp();
    const cids = await honest.account.putRaw(honest.account.home, 't', [raw(1), raw(2)]);
    right.push(...cids.map(String));
    const { node } = asked((request) =>
      request.url.includes(PATHS.blockPutBulk) ? new Response(answer(right)) : refusal('no'),
    );
    const put = node.blocks.put(owner, writer.hash, blocks, 'raw', 't');
    await expect(put).rejects.toBeInstanceOf(MalformedAnswer);
  });

  test('that fail in one group end the others', async () => {
    const blocks = await Promise.all(
      Array.from({ length: 12 }, (_, i) => signedBlock(writer, raw(i, 600_000))),
    );
    const { node, seen } = asked((_, count) =>
      count < 2 ? refusal('Storage quota reached!') : new Promise<Response>(() => undefined),
    );
    const put = node.blocks.put(owner, writer.hash, blocks, 'dag-cbor', 't');
    await expect(put).rejects.toBeInstanceOf(QuotaExceeded);
    expect(seen.length).toBeLessThanOrEqual(5);
  });
});

describe('closing a transaction', () => {
  const isClosing = (request: Request) => request.url.includes(PATHS.transactionClose);

  test('that is never answered delays no caller for long and is not retried', async () => {
    const { node, account, seen } = await signedUp({
      between: (request, next) =>
        isClosing(request) ? new Promise<Response>(() => undefined) : next(),
    });
    vi.useFakeTimers();
    const closing = node.blocks.closeTransaction(account.owner, 't');
    await vi.advanceTimersByTimeAsync(2_000);
    await closing;
    await vi.advanceTimersByTimeAsync(200_000);
    expect(seen.filter(({ path }) => path === PATHS.transactionClose)).toHaveLength(1);
  });

  test('waits for a server that answers in time', async () => {
    const { node, account, bench } = await signedUp();
    await account.putRaw(account.home, 't', [raw(1)]);
    await node.blocks.closeTransaction(account.owner, 't');
    expect(await bench.deps.records.list('transactions', '')).toEqual([]);
  });
});

describe('pointers', () => {
  /** A first commit is there; the next update is ready. */
  async function ready(options: ServedOptions = {}) {
    const client = await signedUp(options);
    const { account, bench } = client;
    const state = account.stateValue(account.home, { tree: cidOf('a tree') });
    await account.put(account.home, 't', [state]);
    const before = await bench.node.pointers.get(account.owner, account.home.hash);
    const signed = await account.nextPointer(account.home, cidOf(state));
    const set = () => client.node.pointers.set(account.owner, account.home.hash, signed);
    const setMany = () =>
      client.node.pointers.setMany(account.owner, [{ writer: account.home.hash, signed }]);
    return { ...client, before, signed, set, setMany };
  }
  const isWrite = (request: Request) => /\/setPointers?(\?|$)/u.test(request.url);

  test.each(['set', 'setMany'] as const)('%s whose answer was lost is sent once', async (call) => {
    const client = await ready({
      between: async (request, next) => {
        const answer = await next();
        return isWrite(request) ? dropped() : answer;
      },
    });
    client.seen.length = 0;
    await expect(client[call]()).rejects.toBeInstanceOf(NodeUnreachable);
    const writes = client.seen.filter(({ path }) => /\/setPointers?$/u.test(`/${path}`));
    expect(writes).toHaveLength(1);
    const { account, node, signed } = client;
    expect(toHex((await node.pointers.get(account.owner, account.home.hash))!)).toBe(toHex(signed));
  });

  test('set that never arrived fails', async () => {
    const { set } = await ready({
      between: (request, next) => (isWrite(request) ? dropped() : next()),
    });
    await expect(set()).rejects.toBeInstanceOf(NodeUnreachable);
  });

  test('set is answered 00: somebody was faster, or a rule is broken, or it was made', async () => {
    const no = (request: Request, next: () => Promise<Response>) =>
      isWrite(request) ? Promise.resolve(new Response('\0')) : next();
    const refused = await ready({ between: no });
    await expect(refused.set()).rejects.toBeInstanceOf(PointerRefused);
    const raced = await ready({ between: no });
    await raced.account.commit(raced.account.home, { tree: cidOf('another tree') });
    const target = raced.account.target(raced.account.home);
    await expect(raced.set()).rejects.toMatchObject({ name: 'PointerConflict', current: target });
    const made = await ready({
      between: async (request, next) => {
        const answer = await next();
        return isWrite(request) ? new Response('\0') : answer;
      },
    });
    await made.set();
  });

  test('of one’s own count over older ones that a server replays', async () => {
    const replays: { answer?: Uint8Array } = {};
    const { node, account, before, signed, set, seen } = await ready({
      between: (request, next) =>
        replays.answer !== undefined && request.url.includes(PATHS.getPointer)
          ? Promise.resolve(new Response(replays.answer as BodyInit))
          : next(),
    });
    await set();
    replays.answer = before!;
    seen.length = 0;
    const now = await node.pointers.get(account.owner, account.home.hash);
    expect(toHex(now!)).toBe(toHex(signed));
    expect(seen).toEqual([]);
  });

  test('that were under way when one’s own was set are no news', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { node, account, signed, set } = await ready({
      between: async (request, next) => {
        const answer = await next();
        if (request.url.includes(PATHS.getPointer)) await held;
        return answer;
      },
    });
    const early = node.pointers.get(account.owner, account.home.hash);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await set();
    release();
    await early;
    const now = await node.pointers.get(account.owner, account.home.hash);
    expect(toHex(now!)).toBe(toHex(signed));
  });

  test('are asked for again after a conflict, a missing block and a while', async () => {
    const { node, account, bench, seen } = await ready();
    const { owner, home } = account;
    const asks = async (): Promise<number> => {
      seen.length = 0;
      await node.pointers.get(owner, home.hash);
      return seen.length;
    };
    expect([await asks(), await asks()]).toEqual([1, 0]);
    await node.blocks.get(owner, cidOf('gone'));
    expect([await asks(), await asks()]).toEqual([1, 0]);
    const stale = await signedPointer(home, cidOf('else'), cidOf('more'), 9);
    await expect(node.pointers.set(owner, home.hash, stale)).rejects.toBeInstanceOf(
      PointerConflict,
    );
    expect([await asks(), await asks()]).toEqual([1, 0]);
    bench.time.nowMs += 7_001;
    expect(await asks()).toBe(1);
    seen.length = 0;
    await node.pointers.get(owner, home.hash, { isFresh: true });
    expect(seen.length).toBe(1);
  });
});

describe('a sign-up', () => {
  const isSignUp = (request: Request) => request.url.includes(PATHS.signUp);

  test('whose answer was lost is settled by whose the name is', async () => {
    const { node, bench } = served({
      between: async (request, next) => {
        const answer = await next();
        return isSignUp(request) ? dropped() : answer;
      },
    });
    const account = await TestAccount.signUp(node as LocalNode);
    expect(await bench.node.names.publicKey('alice')).toEqual(account.owner);
    const thief = new TestAccount(node as LocalNode, 'alice');
    Object.assign(thief, { identity: keyPair('thief') });
    await expect(node.accounts.signUp(await thief.signUpRequest())).rejects.toBeInstanceOf(
      NameTaken,
    );
  });

  test('that never arrived fails, and says so', async () => {
    const { node } = served({
      between: (request, next) => (isSignUp(request) ? dropped() : next()),
    });
    await expect(TestAccount.signUp(node as LocalNode)).rejects.toBeInstanceOf(NodeUnreachable);
  });

  test('is asked for more work by its number', async () => {
    const { node } = served({
      between: (request, next) =>
        isSignUp(request)
          ? Promise.resolve(new Response(fromHex('0000000011') as BodyInit))
          : next(),
    });
    await expect(TestAccount.signUp(node as LocalNode)).rejects.toMatchObject({
      name: 'WorkRequired',
      difficultyBits: 17,
    });
  });
});

test('a request carries nothing of the page it comes from', async () => {
  const requests: Request[] = [];
  const { node } = asked((request) => {
    requests.push(request);
    return new Response(Uint8Array.of(0x80));
  });
  await node.names.chain('alice');
  await node.blocks.properties().catch(() => undefined);
  for (const request of requests) {
    expect(new URL(request.url).origin).toBe('http://node.test');
    expect([...request.headers.keys()]).toEqual([]);
    const { credentials, redirect, referrerPolicy, cache } = request;
    expect([credentials, redirect, referrerPolicy, cache]).toEqual([
      'omit',
      'manual',
      'no-referrer',
      'no-store',
    ]);
  }
});

test('an object store of somebody else is not asked', async () => {
  const store = 'https://store.test/bucket/';
  const properties = (base: string) =>
    encodeCbor(
      cborMap([
        ['w', true],
        ['pr', false],
        ['ar', true],
        ['ba', base],
      ]),
    );
  const stranger = encodeCbor([
    cborMap([
      ['b', 'https://intranet.test/x'],
      ['h', new Map()],
    ]),
  ]);
  const asks: string[] = [];
  const { node, account } = await signedUp({
    isForeign: true,
    between: (request, next) => {
      const { origin, pathname } = new URL(request.url);
      asks.push(origin);
      if (pathname.endsWith('/props')) {
        return Promise.resolve(new Response(properties(store) as BodyInit));
      }
      if (pathname.includes('/auth')) return Promise.resolve(new Response(stranger as BodyInit));
      return next();
    },
  });
  const big = await signedBlock(account.home, raw(3, 200_000));
  const [cid] = await node.blocks.put(account.owner, account.home.hash, [big], 'raw', 't');
  expect(await node.blocks.get(account.owner, cid!)).toEqual(big.bytes);
  expect([...new Set(asks)]).toEqual(['http://node.test']);
});
