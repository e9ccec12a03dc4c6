/** A line that breaks and a server that refuses: what is asked again, how often, and what is said. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  MalformedRequest,
  NodeUnreachable,
  NotOffered,
  PATHS,
  QuotaExceeded,
  RateLimited,
} from '#lib/protocol/index.ts';
import { cidOf, keyPair, signedBlock } from '#lib/node-local/testing.ts';
import { asked, dropped, refusal, signedUp } from './testing.ts';

const owner = keyPair('owner').hash;
const writer = keyPair('writer');
const cid = cidOf('a block');
const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);

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
