/** Many clients, slow clients and aborted requests: the node keeps answering. */
import { describe, expect, test, vi } from 'vitest';
import { encodeCbor } from '#lib/codec/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { cidOf, createBench, keyPair } from '#lib/node-local/testing.ts';
import type { NodeBlocks, NodeNames, StorageNode } from '#lib/node/index.ts';
import { framed } from '../wire/framing.ts';
import { handleRequest } from './handle-request.ts';
import { asking, HOST } from './testing/asking.ts';

const bench = () => createBench().node;

/** A node one of whose calls does what a test wants. */
function nodeWith(names: Partial<NodeNames>, blocks: Partial<NodeBlocks> = {}): StorageNode {
  const node = bench();
  return { ...node, names: { ...node.names, ...names }, blocks: { ...node.blocks, ...blocks } };
}

describe('too much at once', () => {
  /** A node whose answers wait to be let go. */
  function waitingNode() {
    const waiting: (() => void)[] = [];
    const chain = () =>
      new Promise<Uint8Array>((resolve) => waiting.push(() => resolve(encodeCbor([]))));
    return { node: nodeWith({ chain }), waiting };
  }
  const question = { body: framed('alice') };

  test('waits for its turn, and beyond that is turned away', async () => {
    const { node, waiting } = waitingNode();
    const limits = { maxConcurrentRequests: 2, maxWaitingRequests: 1 };
    const { ask, faults } = asking(node, limits);
    const first = [ask(PATHS.getChain, question), ask(PATHS.getChain, question)];
    const third = ask(PATHS.getChain, question);
    const fourth = await ask(PATHS.getChain, question);
    expect([fourth.status, fourth.error]).toEqual([429, 'Too Many Requests']);
    expect(fourth.headers.get('retry-after')).not.toBeNull();
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting.splice(0).forEach((letGo) => letGo());
    await Promise.all(first);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.forEach((letGo) => letGo());
    expect((await third).status).toBe(200);
    expect((await ask(PATHS.id)).status).toBe(200);
    expect(faults).toEqual([]);
  });

  test('from one client is turned away while others are served', async () => {
    const { node, waiting } = waitingNode();
    const answer = handleRequest(node, {
      hosts: [HOST],
      isPublic: true,
      pageOrigins: [],
      clock: () => Date.now(),
      maxRequestsPerClient: 2,
    });
    const from = async (client: string | undefined) => {
      const init = { method: 'POST', body: framed('alice') as Uint8Array<ArrayBuffer> };
      return (await answer(new Request(`https://${HOST}/${PATHS.getChain}`, init), client)).status;
    };
    const first = [from('one'), from('one')];
    expect(await from('one')).toBe(429);
    const others = [from('two'), from('two'), from(undefined), from(undefined), from(undefined)];
    await vi.waitFor(() => expect(waiting).toHaveLength(7));
    waiting.splice(0).forEach((letGo) => letGo());
    expect(await Promise.all([...first, ...others])).toEqual(Array(7).fill(200));
    const after = from('one');
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.forEach((letGo) => letGo());
    expect(await after).toBe(200);
  });

  test('gives up its place when it is cancelled', async () => {
    const { node, waiting } = waitingNode();
    const { ask, faults } = asking(node, { maxConcurrentRequests: 1, maxWaitingRequests: 1 });
    const first = ask(PATHS.getChain, question);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    const controller = new AbortController();
    const cancelled = ask(PATHS.getChain, { ...question, signal: controller.signal });
    controller.abort();
    expect((await cancelled).status).toBe(400);
    const next = ask(PATHS.getChain, question);
    waiting.splice(0).forEach((letGo) => letGo());
    await first;
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.forEach((letGo) => letGo());
    expect((await next).status).toBe(200);
    expect(faults).toEqual([]);
  });

  test('is what all bodies are together', async () => {
    const { node, waiting } = waitingNode();
    const { ask } = asking(node, { maxBodyBytesHeld: 20 });
    const first = ask(PATHS.getChain, question); // 9 bytes
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    expect((await ask(PATHS.getChain, { body: framed('a'.repeat(10)) })).status).toBe(429);
    waiting.splice(0).forEach((letGo) => letGo());
    await first;
    const after = ask(PATHS.getChain, { body: framed('a'.repeat(10)) });
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.forEach((letGo) => letGo());
    expect((await after).status).toBe(200);
  });
});

test('an aborted request aborts the reading of blocks', async () => {
  const controller = new AbortController();
  let given: AbortSignal | undefined;
  const get: NodeBlocks['get'] = (_owner, _cid, _bat, signal) =>
    new Promise((_, reject) => {
      given = signal;
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const { ask, faults } = asking(nodeWith({}, { get }));
  const owner = keyPair('anyone').hash.toString();
  const query = { arg: cidOf('x').toString(), owner };
  const answer = ask(PATHS.blockGet, { query, signal: controller.signal });
  await vi.waitFor(() => expect(given).toBeDefined());
  controller.abort();
  expect((await answer).status).toBe(400);
  expect(faults).toEqual([]);
});

describe('a body', () => {
  /** A body whose pieces come `everyMs`; says how many were taken. */
  function pieces(count: number, everyMs: number) {
    const taken = { pieces: 0, isCancelled: false };
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (taken.pieces === count) return controller.close();
          await new Promise((resolve) => setTimeout(resolve, everyMs));
          taken.pieces++;
          controller.enqueue(new Uint8Array(1000));
        },
        cancel: () => void (taken.isCancelled = true),
      },
      { highWaterMark: 0 },
    );
    return { stream, taken };
  }

  test('longer than its call allows is not read further', async () => {
    const { ask, faults } = asking(bench());
    const { stream, taken } = pieces(1000, 0);
    const answer = await ask(PATHS.getChain, { body: stream });
    expect([answer.status, answer.error]).toEqual([
      400,
      'Input exceeds maximum size of 8192 bytes',
    ]);
    expect(taken).toEqual({ pieces: 9, isCancelled: true });
    expect(faults).toEqual([]);
  });

  test('announced to be too long is not read at all', async () => {
    const { ask } = asking(bench());
    const { stream, taken } = pieces(1, 0);
    const headers = { 'Content-Length': '8193' };
    expect((await ask(PATHS.getChain, { body: stream, headers })).status).toBe(400);
    expect(taken.pieces).toBe(0);
  });

  test.each([
    ['that stops', { bodyIdleMs: 30 }, 1000],
    ['that trickles', { bodyIdleMs: 1000, bodyGraceMs: 60, bodyBytesPerSecond: 1e6 }, 15],
  ])('%s is given up', async (_, limits, everyMs) => {
    const { ask, faults } = asking(bench(), limits);
    const { stream, taken } = pieces(100, everyMs);
    const answer = await ask(PATHS.setPointers, { body: stream });
    expect([answer.status, answer.error]).toEqual([408, 'The request was sent too slowly.']);
    expect(taken.pieces).toBeLessThan(10);
    expect(faults).toEqual([]);
  });

  test('that keeps the least pace is read to its end, however long it takes', async () => {
    const limits = { bodyIdleMs: 1000, bodyGraceMs: 200, bodyBytesPerSecond: 10_000 };
    const { ask } = asking(bench(), limits);
    const { stream, taken } = pieces(20, 25); // 40,000 bytes a second for half a second
    await ask(PATHS.setPointers, { body: stream });
    expect(taken).toEqual({ pieces: 20, isCancelled: false });
  });

  test('may come in any number of pieces', async () => {
    const { ask } = asking(bench());
    const whole = new Uint8Array(200_000).fill(0x80);
    let sent = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent === whole.length) controller.close();
        else controller.enqueue(whole.subarray(sent, ++sent));
      },
    });
    const answer = await ask(PATHS.setPointers, { body: stream });
    const atOnce = await ask(PATHS.setPointers, { body: whole });
    expect([answer.status, answer.error]).toEqual([400, atOnce.error]);
  }, 30_000);

  test('that is announced and not sent takes nothing from what all may hold', async () => {
    const { ask } = asking(bench(), { maxBodyBytesHeld: 1000 });
    const { stream } = pieces(1, 500);
    const stalled = ask(PATHS.getChain, { body: stream, headers: { 'Content-Length': '900' } });
    expect((await ask(PATHS.getChain, { body: framed('a'.repeat(500)) })).status).not.toBe(429);
    await stalled;
  });

  test('that is cut off is the fault of its sender', async () => {
    const { ask, faults } = asking(bench());
    const stream = new ReadableStream({
      pull: (controller) => controller.error(new Error('gone')),
    });
    const answer = await ask(PATHS.getChain, { body: stream });
    expect([answer.status, answer.error]).toEqual([400, 'The request was cut off.']);
    expect(faults).toEqual([]);
  });

  test('of a read is not looked at', async () => {
    const { ask } = asking(bench());
    const { stream, taken } = pieces(1, 0);
    expect((await ask(PATHS.id, { body: stream })).status).toBe(200);
    expect(taken.pieces).toBe(0);
  });
});
