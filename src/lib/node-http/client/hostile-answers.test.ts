/** Servers that lie, stall or flood in what they answer: a named error comes out, in bounds. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, encodeCbor } from '#lib/codec/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { MalformedAnswer, NodeUnreachable, PATHS } from '#lib/protocol/index.ts';
import { champOf, cidOf, keyPair } from '#lib/node-local/testing.ts';
import { asked } from './testing.ts';

const owner = keyPair('owner').hash;
const writer = keyPair('writer');
const cid = cidOf('a block');
const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);
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

beforeAll(async () => void (await startCrypto()));
afterEach(() => void vi.useRealTimers());

describe('answers', () => {
  test('without end are cut off, however they begin', async () => {
    const calls: [(node: LocalNode) => Promise<unknown>, number][] = [
      [(node) => node.blocks.get(owner, cid), BLOCK_MAX_BYTES],
      [(node) => node.pointers.get(owner, writer.hash), 1024],
      [(node) => node.blocks.champLookup(owner, cid, [{ key: raw(1, 32) }]), 3 * BLOCK_MAX_BYTES],
      [(node) => node.names.chain('alice'), 4 * 1024 * 1024],
      [(node) => node.blocks.nodeIds(), 256 * 1024],
      [(node) => node.blocks.nodeRecord(cid), 32 * 1024],
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

  test('that drip are given up after one more try, however long they may be', async () => {
    vi.useFakeTimers();
    const drip = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 1_000));
            controller.enqueue(new Uint8Array(100));
          },
        }),
      );
    const { node, seen } = asked(drip);
    const begun = Date.now();
    let tookMs = Infinity;
    const question = node.blocks.champLookup(owner, cid, [{ key: raw(1, 32) }]);
    const outcome = question.catch((error: unknown) => {
      tookMs = Date.now() - begun;
      return error;
    });
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(await outcome).toMatchObject({
      name: 'NodeUnreachable',
      message: 'The server sends its answer too slowly.',
    });
    // Beside what was asked the client looks whether the server is there at all.
    expect(seen.filter(({ path }) => path === PATHS.champGetBulk)).toHaveLength(2);
    expect(tookMs).toBeGreaterThan(55_000);
    expect(tookMs).toBeLessThan(70_000);
  });

  test('that stand still are given up sooner', async () => {
    vi.useFakeTimers();
    const still = () =>
      new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) }),
      );
    const { node } = asked(still);
    const begun = Date.now();
    let tookMs = Infinity;
    const outcome = node.names.chain('alice').catch((error: unknown) => {
      tookMs = Date.now() - begun;
      return error;
    });
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(await outcome).toBeInstanceOf(NodeUnreachable);
    expect(tookMs).toBeLessThan(35_000);
  });

  test('that keep the least pace are read to their end', async () => {
    vi.useFakeTimers();
    const length = 512 * 1024;
    let sent = 0;
    const slow = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 1_000));
            if (sent >= length) return controller.close();
            sent += 8 * 1024;
            controller.enqueue(new Uint8Array(8 * 1024));
          },
        }),
      );
    const { node } = asked(slow);
    const got = node.blocks.get(owner, cid);
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    expect((await got)?.length).toBe(length);
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

  test('that redirect are refused, and no other host is asked', async () => {
    const elsewhere = () => Response.redirect('https://elsewhere.test/', 302);
    const { node, seen } = asked(elsewhere);
    await expect(node.blocks.get(owner, cid)).rejects.toBeInstanceOf(MalformedAnswer);
    await expect(node.pointers.get(owner, writer.hash)).rejects.toBeInstanceOf(MalformedAnswer);
    expect(seen).toHaveLength(2);
  });

  test('of another form are no answers', async () => {
    const forms: [string, (node: LocalNode) => Promise<unknown>, string[]][] = [
      ['ids', (n) => n.blocks.nodeIds(), ['', '{}', '{"IDS":[]}', '{"IDS":["x"]}', '[', 'null']],
      [
        'a record of a node',
        (n) => n.blocks.nodeRecord(cid),
        ['{}', '[', '{"sig":"0","data":"00"}', '{"sig":[],"data":"00"}'],
      ],
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
    expect(found.map(({ bytes }) => toHex(bytes))).toEqual([root, leaf].map(toHex));
  });

  test('take no forged block for the right one', async () => {
    const forged = root.slice();
    forged[5]! ^= 1;
    expect(await lookUp([forged, leaf])).toEqual([]);
    expect((await lookUp([root, encodeCbor('forged')])).map(({ bytes }) => toHex(bytes))).toEqual([
      toHex(root),
    ]);
  });

  test('refuse a flood of blocks', async () => {
    const many = Array.from({ length: 41 }, (_, i) => encodeCbor(i));
    await expect(lookUp(many)).rejects.toBeInstanceOf(MalformedAnswer);
  });
});
