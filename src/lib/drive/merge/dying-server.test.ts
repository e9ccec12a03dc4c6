/**
 * A server that dies in the middle of a write, at every request of it: before it heard the request
 * or after it did what it was asked, silently or not. The person does
 * not wait long, and what was written is there once.
 */
import { expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { createHttpNode, handleRequest } from '#lib/node-http/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { bytesSource, type Drive } from '../index.ts';
import { createTestDrive, namesOf } from '../testing.ts';
import { createDevice, treeOf } from './testing.ts';

const DEADLINE_MS = 30;

interface Death {
  /** Which request it dies at. */
  at: number;
  /** Whether it does what that request asks. */
  readonly isHeard: boolean;
  /** Whether the line is silent then, or says that nobody is there. */
  readonly isSilent: boolean;
}

function dyingServer(node: StorageNode, nowMs: () => number) {
  const state = { isUp: true, count: 0, unanswered: 0, death: undefined as Death | undefined };
  const handle = handleRequest(node, {
    hosts: ['node.test'],
    isPublic: true,
    pageOrigins: [],
    clock: nowMs,
  });
  const gone = (signal: AbortSignal, isSilent: boolean): Promise<Response> => {
    if (!isSilent) return Promise.reject(new TypeError('nobody there'));
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  };
  const fetch = async (request: Request): Promise<Response> => {
    const { death } = state;
    if (state.isUp && death !== undefined && state.count++ === death.at) {
      state.isUp = false;
      if (death.isHeard) await handle(request);
    }
    if (state.isUp) return handle(request);
    state.unanswered++;
    return gone(request.signal, death?.isSilent ?? false);
  };
  const reached = (): StorageNode =>
    createHttpNode('http://node.test', { fetch, clock: nowMs, deadlineMs: DEADLINE_MS });
  return { state, reached };
}

async function write(drive: Drive, name: string, text: string): Promise<void> {
  const item = { path: [name], source: bytesSource(utf8(text)) };
  await drive.upload(await drive.home(), [item], { onConflict: 'replace' });
}

const deaths = [true, false].flatMap((isHeard) => [
  { isHeard, isSilent: true },
  { isHeard, isSilent: false },
]);

test.each(deaths)('a write outlives a server that dies: %o', async (kind) => {
  for (let at = 0; ; at++) {
    const it = await createTestDrive({ seed: 61, chunkBytes: 64 * 1024 });
    const { state, reached } = dyingServer(it.account.node, () => it.account.clock.nowMs);
    const device = createDevice(it, { seed: 62, remote: reached() });
    await write(device.drive, 'old.txt', 'before');
    await treeOf(device.drive);
    Object.assign(state, { count: 0, unanswered: 0, death: { at, ...kind } });
    const text = 'after '.repeat(1_000);
    await write(device.drive, 'old.txt', text);
    await write(device.drive, 'new.txt', text);
    const { unanswered } = state;
    const isOver = state.count <= at;
    const expected = { 'new.txt': text, 'old.txt': text };
    const label = `request ${at}`;
    const seen = await namesOf(device.drive, await device.drive.home());
    expect(seen, label).toEqual(Object.keys(expected));
    // Each of these waits for a deadline at the most; the rest is done without the server.
    expect(unanswered, label).toBeLessThanOrEqual(2);
    Object.assign(state, { isUp: true, death: undefined });
    const reloaded = createDevice(it, { seed: 63, stores: device.stores, remote: reached() });
    const sent = await reloaded.send();
    expect(sent, label).toEqual({ keptBoth: [], notDeleted: [], lost: [], isWhole: true });
    expect(Object.fromEntries(await treeOf(it.another())), label).toEqual(expected);
    if (isOver) break;
  }
});
