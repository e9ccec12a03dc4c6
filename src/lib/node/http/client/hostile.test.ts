/** Servers and lines that fail, lie, stall or flood: what comes out is a named error, in bounds. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, cborMap, encodeCbor } from '#lib/codec/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  MalformedAnswer,
  MalformedRequest,
  NameTaken,
  NodeUnreachable,
  NotOffered,
  PATHS,
  PointerConflict,
  PointerRefused,
  QuotaExceeded,
  RateLimited,
} from '../../index.ts';
import type { LocalNode } from '../../index.ts';
import {
  champOf,
  cidOf,
  createBench,
  keyPair,
  signedBlock,
  signedPointer,
  TestAccount,
} from '../../testing.ts';
import { encodeTrailer } from '../trailer.ts';
import { asked, served } from './testing.ts';
import type { ServedOptions } from './testing.ts';

const owner = keyPair('owner').hash;
const writer = keyPair('writer');
const cid = cidOf('a block');
const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);
const refusal = (text: string, status = 400) =>
  new Response(null, { status, headers: { Trailer: encodeTrailer(text) } });
const dropped = (): never => {
  throw new TypeError('fetch failed');
};
/** Bytes without end, and how many were taken. */
function flood() {
  const taken = { bytes: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      taken.bytes += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
    cancel: () => void (taken.isCancelled = true),
  });
  return { taken, response: new Response(stream) };
}

async function signedUp(options: ServedOptions = {}, bench = createBench()) {
  const account = await TestAccount.signUp(bench.node);
  const client = served(options, bench);
  return { ...client, account };
}

beforeAll(async () => void (await startCrypto()));
afterEach(() => void vi.useRealTimers());

describe('asking again', () => {
  /** The least and the most each pause may last (B-1 §1.1). */
  const bounds = (count: number) => Array.from({ length: count }, (_, i) => 1_000 * 2 ** i);

  const cases: [string, () => Response, number][] = [
    ['a dropped connection', dropped, 7],
    ['an overloaded server', () => refusal('Too Many Requests', 429), 7],
    ['a full queue', () => refusal('Queue full'), 7],
    ['a gateway without a server', () => new Response(null, { status: 502 }), 7],
    ['a fault nobody knows', () => refusal('Unexpected error'), 7],
    ['a refusal without a text', () => new Response(null, { status: 400 }), 7],
    ['a rate limit', () => refusal('Rate Limit: too many writes', 429), 1],
    ['a full account', () => refusal('Storage quota reached! \nUsed 1 out of 2 bytes.'), 1],
    ['a lost race', () => refusal('PointerCAS:EMPTY,,EMPTY'), 1],
    ['a missing champ', () => refusal('Champ root not present locally: x'), 1],
    ['a missing BAT', () => refusal('Unauthorised!'), 1],
    ['an unknown call', () => new Response(null, { status: 404 }), 1],
  ];
  test.each(cases)('blocks, after %s', async (_, respond, count) => {
    const { node, seen, pauses } = asked((request) =>
      request.url.endsWith(PATHS.id) ? new Response('{}') : respond(),
    );
    await expect(node.blocks.get(owner, cid)).rejects.toThrow();
    expect(seen.filter(({ path }) => path === PATHS.blockGet)).toHaveLength(count);
    expect(pauses).toHaveLength(count - 1);
    for (const [i, least] of bounds(count - 1).entries()) {
      expect(pauses[i]).toBeGreaterThanOrEqual(least);
      expect(pauses[i]).toBeLessThanOrEqual(1.5 * least);
    }
  });

  test('pointers three times, other calls once', async () => {
    const { node, seen } = asked((request) =>
      request.url.endsWith(PATHS.id) ? new Response('{}') : dropped(),
    );
    await expect(node.pointers.get(owner, writer.hash)).rejects.toBeInstanceOf(NodeUnreachable);
    await expect(node.names.chain('alice')).rejects.toBeInstanceOf(NodeUnreachable);
    await expect(node.admin.version()).rejects.toBeInstanceOf(NodeUnreachable);
    const count = (path: string) => seen.filter((one) => one.path === path).length;
    expect([PATHS.getPointer, PATHS.getChain, PATHS.version].map(count)).toEqual([3, 1, 1]);
  });

  test('succeeds when the line comes back', async () => {
    const { node, account } = await signedUp({
      between: (_, next, count) => (count % 3 === 2 ? next() : dropped()),
    });
    const [cid] = await node.blocks.put(
      account.owner,
      account.home.hash,
      [await signedBlock(account.home, raw(1))],
      'raw',
      't1',
    );
    expect(await node.blocks.get(account.owner, cid!)).toEqual(raw(1));
  });

  test('names the refusal in the end', async () => {
    const named: [Response, new (...args: never[]) => Error][] = [
      [refusal('Too Many Requests', 429), RateLimited],
      [refusal('Storage quota reached! \nUsed 1 out of 2 bytes.'), QuotaExceeded],
      [refusal('Something new'), MalformedRequest],
      [new Response(null, { status: 404 }), NotOffered],
      [new Response(null, { status: 503 }), NodeUnreachable],
    ];
    for (const [response, error] of named) {
      const { node } = asked(() => response.clone() as Response);
      await expect(node.blocks.get(owner, cid)).rejects.toBeInstanceOf(error);
    }
  });

  test('ends at once when the caller has had enough', async () => {
    const stop = new AbortController();
    const { node } = asked(dropped, {
      pause: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
          stop.abort(new Error('enough'));
        }),
    });
    await expect(node.blocks.get(owner, cid, undefined, stop.signal)).rejects.toThrow('enough');
  });
});

describe('answers', () => {
  test('without end are cut off, however they begin', async () => {
    const calls: [(node: LocalNode) => Promise<unknown>, number][] = [
      [(node) => node.blocks.get(owner, cid), BLOCK_MAX_BYTES],
      [(node) => node.pointers.get(owner, writer.hash), 1024],
      [(node) => node.blocks.champLookup(owner, cid, [{ key: raw(1, 32) }]), 3 * BLOCK_MAX_BYTES],
      [(node) => node.names.chain('alice'), 4 * 1024 * 1024],
      [(node) => node.blocks.nodeIds(), 256 * 1024],
      [(node) => node.names.usernames(), 32 * 1024 * 1024],
    ];
    for (const [call, maxBytes] of calls) {
      const { taken, response } = flood();
      const { node } = asked(() => response);
      await expect(call(node as LocalNode)).rejects.toBeInstanceOf(MalformedAnswer);
      expect(taken.isCancelled).toBe(true);
      expect(taken.bytes).toBeLessThanOrEqual(maxBytes + 4 * 65_536);
    }
  });

  test('that say they are too long are not read', async () => {
    const { taken, response } = flood();
    response.headers.set('content-length', String(2 ** 40));
    const { node } = asked(() => response);
    await expect(node.blocks.get(owner, cid)).rejects.toBeInstanceOf(MalformedAnswer);
    expect(taken.bytes).toBeLessThanOrEqual(65_536);
  });

  test('that unpack to more than they may are cut off', async () => {
    const packed = new Blob([new Uint8Array(40 * 1024 * 1024)])
      .stream()
      .pipeThrough(new CompressionStream('gzip'));
    const bytes = await new Response(packed).arrayBuffer();
    expect(bytes.byteLength).toBeLessThan(100_000);
    const { node } = asked(() => new Response(bytes.slice(0)));
    await expect(node.names.usernames()).rejects.toBeInstanceOf(MalformedAnswer);
  });

  test('that never come, or never end, are given up', async () => {
    vi.useFakeTimers();
    const never = () => new Promise<Response>(() => undefined);
    const stuck = () => new Response(new ReadableStream({}));
    for (const respond of [never, stuck]) {
      const { node } = asked(respond);
      const outcome = expect(node.names.chain('alice')).rejects.toBeInstanceOf(NodeUnreachable);
      await vi.advanceTimersByTimeAsync(10 * 60_000);
      await outcome;
    }
  });

  test('that break off are asked for again', async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(raw(1));
            controller.error(new TypeError('terminated'));
          },
        }),
      );
    const { node, seen } = asked((_, count) => (count < 3 ? broken() : new Response(raw(2))));
    expect(await node.blocks.get(owner, cid)).toEqual(raw(2));
    expect(seen.filter(({ path }) => path === PATHS.blockGet).length).toBeGreaterThanOrEqual(3);
  });

  test('that refer elsewhere are refused, and nobody else is asked', async () => {
    const elsewhere = () => Response.redirect('https://elsewhere.test/', 302);
    const { node, seen } = asked(elsewhere);
    await expect(node.blocks.get(owner, cid)).rejects.toBeInstanceOf(MalformedAnswer);
    await expect(node.pointers.get(owner, writer.hash)).rejects.toBeInstanceOf(MalformedAnswer);
    expect(seen).toHaveLength(2);
  });

  test('of another form are no answers', async () => {
    const forms: [string, (node: LocalNode) => Promise<unknown>, string[]][] = [
      ['ids', (n) => n.blocks.nodeIds(), ['', '{}', '{"IDS":[]}', '{"IDS":["x"]}', '[', 'null']],
      ['a chain', (n) => n.names.chain('a'), ['', '\xa0', '\x9f', '\x81']],
      ['an identity', (n) => n.names.publicKey('a'), ['', '\x02', '\x01', '\x01\0\0\0\x02\x80']],
      ['names', (n) => n.names.usernames(), ['', '{}', '[1]', '\x1f\x8b']],
      ['BATs', (n) => n.bats.list(owner, raw(1)), ['', '\xa0', '\x81\xa0']],
      ['usage', (n) => n.space.usageBytes(owner, raw(1)), ['', '\x20', '\xf5', '\x61a']],
      ['properties', (n) => n.blocks.properties(), ['', '\x80', '\xa0', '\xa1aw\x01']],
      ['a host', (n) => n.links.host(owner), ['', 'a b', 'a/b', 'javascript:x']],
      ['a challenge', (n) => n.secondFactors.startSecurityKey('a', raw(1)), ['', 'short']],
      ['a factor', (n) => n.secondFactors.addTotp('a', raw(1)), ['', 'AA', 'AA:BB:CC', '!:!']],
      [
        'a pointer',
        (n) => n.pointers.get(owner, writer.hash),
        ['x', 'x'.repeat(65), 'x'.repeat(999)],
      ],
      ['a size', (n) => n.blocks.sizeBytes(owner, cid), ['', '{"Size":-1}', '{"Size":"1"}']],
      ['a transaction', (n) => n.blocks.startTransaction(owner), ['', 'x'.repeat(65)]],
      [
        'a look-up',
        (n) => n.blocks.champLookup(owner, cid, [{ key: raw(1) }]),
        ['', '\xa0', '\x81\x01'],
      ],
    ];
    for (const [what, call, bodies] of forms) {
      for (const body of bodies) {
        const { node } = asked((request) =>
          request.url.includes('getUsername') && !request.url.includes('Gzip')
            ? new Response('\0\0\0\x05alice')
            : new Response(Uint8Array.from(body, (c) => c.charCodeAt(0))),
        );
        await expect(call(node as LocalNode), `${what}: ${body}`).rejects.toBeInstanceOf(
          MalformedAnswer,
        );
      }
    }
  });
});

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

describe('look-ups', () => {
  const key = raw(5, 32);
  const value = new Map([['v', raw(1)]]);
  const champ = champOf([[key, cidOf(value)]]);
  const lookUp = (blocks: Uint8Array[]) =>
    asked(() => new Response(encodeCbor(blocks) as BodyInit)).node.blocks.champLookup(
      owner,
      cidOf(champ),
      [{ key }],
    );
  const [root, leaf] = [encodeCbor(champ), encodeCbor(value)];

  test('drop what nobody asked for, and find what is there in any order', async () => {
    const found = await lookUp([encodeCbor('other'), leaf, raw(9), root, leaf]);
    expect(found.map(toHex)).toEqual([root, leaf].map(toHex));
  });

  test('take no forged block for the right one', async () => {
    const forged = root.slice();
    forged[5]! ^= 1;
    expect(await lookUp([forged, leaf])).toEqual([]);
    expect((await lookUp([root, encodeCbor('forged')])).map(toHex)).toEqual([toHex(root)]);
  });

  test('refuse a flood of blocks', async () => {
    const many = Array.from({ length: 41 }, (_, i) => encodeCbor(i));
    await expect(lookUp(many)).rejects.toBeInstanceOf(MalformedAnswer);
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

  test.each(['set', 'setMany'] as const)('%s whose answer was lost is settled', async (call) => {
    const lost = { count: 0 };
    const client = await ready({
      between: async (request, next) => {
        const answer = await next();
        return isWrite(request) && lost.count++ < 5 ? dropped() : answer;
      },
    });
    await client[call]();
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
      name: 'WorkDemanded',
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
