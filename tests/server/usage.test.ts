/** What an account uses on a real node: files in folders, SQLite, HTTP (B-5 §1). */
import { expect, test } from 'vitest';
import { signTime, systemRandom } from '#lib/crypto/index.ts';
import { put, signUpAt, type Client } from './client.ts';
import { startNode } from './temp-nodes.ts';

const MIB = 1024 * 1024;

async function usageOf({ deps, session }: Client): Promise<number> {
  const auth = await signTime(session.identity, Date.now());
  return deps.node.space.usageBytes(session.home.owner, auth);
}

async function remove(client: Client, name: string): Promise<void> {
  const home = await client.drive.resolve([]);
  await client.drive.remove(home, [(await client.drive.find(home, name))!]);
}

test('falls with a deletion and is the same in another process, collected or not', async () => {
  const first = await startNode();
  const alice = await signUpAt(first.url, 'alice');
  await put(alice, 'small', systemRandom(10_000));
  const before = await usageOf(alice);
  await put(alice, 'large', systemRandom(30 * MIB));
  expect(await usageOf(alice)).toBeGreaterThan(before + 30 * MIB);
  await remove(alice, 'large');
  const after = await usageOf(alice);
  expect(Math.abs(after - before)).toBeLessThan(20_000);
  const { collectableBytes } = await first.node.operator.usage('alice');
  expect(collectableBytes).toBeGreaterThan(30 * MIB);
  await first.close();
  const { node } = await startNode({ dataFolder: first.dataFolder });
  expect(await node.operator.usage('alice')).toMatchObject({ usedBytes: after, collectableBytes });
  await node.collect(alice.session.home.owner);
  const collected = await node.operator.usage('alice');
  expect(collected).toMatchObject({ usedBytes: after, collectableBytes: 0 });
  expect(await node.storedBytes()).toBe(after + collected.pendingBytes);
}, 120_000);
