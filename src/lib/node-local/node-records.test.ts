/** Ids of a node that takes new ones, and what it signs of them. */
import { describe, expect, test } from 'vitest';
import { followSuccession, openNodeRecord, successorIn } from '#lib/protocol/index.ts';
import { createLocalNode } from './local-node.ts';
import { isOwnNodeId } from './node-id.ts';
import { rotateNodeId } from './node-records.ts';
import { createBench, seededRandom } from './testing.ts';

const DAY_MS = 86_400_000;

describe('the record of a node that has one id', () => {
  test('names nobody, and is signed anew when half of its year is over', async () => {
    const { node, time } = createBench();
    const id = await node.blocks.nodeId();
    const first = (await node.blocks.nodeRecord(id))!;
    const opened = await openNodeRecord(id, first, time.nowMs);
    expect([opened.sequence, opened.hasMoved, opened.successor]).toEqual([1n, false, undefined]);
    time.nowMs += 182 * DAY_MS;
    expect(await node.blocks.nodeRecord(id)).toEqual(first);
    time.nowMs += 2 * DAY_MS;
    const second = await openNodeRecord(id, (await node.blocks.nodeRecord(id))!, time.nowMs);
    expect(second.sequence).toBe(2n);
    expect((second.expiresMs - time.nowMs) / DAY_MS).toBeGreaterThan(364);
    // A node that was off for years does so as well.
    time.nowMs += 1000 * DAY_MS;
    const late = await openNodeRecord(id, (await node.blocks.nodeRecord(id))!, time.nowMs);
    expect(late.sequence).toBe(3n);
  });

  test('is of its own ids alone', async () => {
    const { node } = createBench();
    const other = createBench({ random: seededRandom('other') });
    expect(await node.blocks.nodeRecord(await other.node.blocks.nodeId())).toBeUndefined();
    const fixed = createBench({ nodeId: await other.node.blocks.nodeId() });
    expect(
      await fixed.node.blocks.nodeRecord(await fixed.node.blocks.nodeId()),
      'a node that has no key',
    ).toBeUndefined();
  });
});

describe('a node that takes a new id', () => {
  test('keeps the old ones, each of which says who follows, for years', async () => {
    const { node, deps, time } = createBench();
    const first = await node.blocks.nodeId();
    const { former, nodeId: second } = await rotateNodeId(deps);
    expect(former).toEqual(first);
    const { nodeId: third } = await rotateNodeId(deps);
    // Another process on the same records.
    const later = createLocalNode(deps);
    expect(await later.blocks.nodeIds()).toEqual([first, second, third]);
    expect(new Set([first, second, third].map(String)).size).toBe(3);
    for (const days of [0, 300, 3000]) {
      time.nowMs += days * DAY_MS;
      const line = await followSuccession(first, async (id) =>
        openNodeRecord(id, (await later.blocks.nodeRecord(id))!, time.nowMs),
      );
      expect(line).toEqual([first, second, third]);
    }
    for (const id of [first, second, third]) expect(await isOwnNodeId(deps, id)).toBe(true);
  });

  test('signs with a higher number than before', async () => {
    const { node, deps, time } = createBench();
    const id = await node.blocks.nodeId();
    time.nowMs += 200 * DAY_MS;
    const before = await openNodeRecord(id, (await node.blocks.nodeRecord(id))!, time.nowMs);
    const { nodeId } = await rotateNodeId(deps);
    const after = await openNodeRecord(id, (await node.blocks.nodeRecord(id))!, time.nowMs);
    expect(after.sequence).toBe(before.sequence + 1n);
    expect(successorIn(after)).toEqual(nodeId);
  });

  test('does so one after the other where two processes try at once', async () => {
    const { node, deps } = createBench();
    const first = await node.blocks.nodeId();
    const others = await Promise.all([rotateNodeId(deps), rotateNodeId(deps)]);
    const ids = await node.blocks.nodeIds();
    expect(ids.map(String).toSorted()).toEqual(
      [first, ...others.map(({ nodeId }) => nodeId)].map(String).toSorted(),
    );
    const line = await followSuccession(first, async (id) =>
      openNodeRecord(id, (await node.blocks.nodeRecord(id))!, deps.clock()),
    );
    expect(line).toEqual(ids);
  });
});
