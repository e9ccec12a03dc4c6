/**
 * A node that is killed in mid-upload, again and again: what it had acknowledged is whole after the
 * next start, and the pointers lead to it. The node is a process of its own, killed by SIGKILL.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { isLongRun } from '#lib/bytes/testing.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createLocalNode, findDamage } from '#lib/node-local/index.ts';
import { runningAddresses } from '../../src/server/data/running.ts';
import { openNodeStores } from '../../src/server/index.ts';
import { put, read, signInAt, signUpAt, type Client } from './client.ts';
import { temporaryFolder } from './temp-nodes.ts';
import { endProcess, startNodeProcess, type NodeProcess } from './processes.ts';

const KILLS = isLongRun ? 20 : 5;
/** Kills fall anywhere within the next uploads. */
const LIFE_MS = [0, 250] as const;

const content = (n: number): Uint8Array =>
  Uint8Array.from({ length: 5000 + ((n * 9973) % 400_000) }, (_, i) => (i * 13 + n) % 251);

test(`no acknowledged file is lost or damaged over ${String(KILLS)} kills`, async () => {
  const folder = temporaryFolder();
  const stored = new Map<string, number>();
  let node = await startProcess(folder);
  await signUpAt(node.url, 'alice');
  let number = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const client = await signInAt(node.url, 'alice');
    // Once a file was acknowledged, so that every life has something to lose.
    await put(client, `life ${String(kill)}`, content(kill));
    stored.set(`life ${String(kill)}`, kill);
    const dead = killAfter(node, lifeOf(kill)).then(client.leave);
    number = await uploadUntilDead(client, number, stored, node.child);
    await dead;
    node = await startProcess(folder);
  }
  const client = await signInAt(node.url, 'alice');
  for (const [name, n] of stored) {
    expect(Buffer.compare(await read(client, name), content(n)), name).toBe(0);
  }
  await put(client, 'the last', content(1));
  await killAfter(node, 0);
  await expectNoDamage(folder);
  expect(stored.size).toBeGreaterThanOrEqual(KILLS);
}, 300_000);

/** Stores one file after another; answers the next number. A file counts once it was acknowledged. */
async function uploadUntilDead(
  client: Client,
  first: number,
  stored: Map<string, number>,
  node: ChildProcess,
): Promise<number> {
  for (let n = first; ; n++) {
    const name = `file ${String(n)}`;
    try {
      await put(client, name, content(n));
      stored.set(name, n);
    } catch (error) {
      if (node.signalCode === null) throw error;
      return n + 1;
    }
  }
}

/** Everything the pointers lead to is there, read without the server; so it is after a collection. */
async function expectNoDamage(folder: string): Promise<void> {
  const stores = await openNodeStores(folder);
  const deps = { ...stores, clock: Date.now, random: systemRandom };
  expect(await findDamage(deps)).toEqual([]);
  const node = createLocalNode(deps);
  const alice = await node.names.publicKey('alice');
  if (alice !== undefined) await node.collect(alice);
  expect(await findDamage(deps)).toEqual([]);
  await stores.close();
}

async function startProcess(folder: string): Promise<NodeProcess> {
  const node = await startNodeProcess(['--data', folder]);
  onTestFinished(() => endProcess(node, 'SIGKILL'));
  return node;
}

/** Resolves when the process is dead. */
async function killAfter(node: NodeProcess, ms: number): Promise<void> {
  await pause(ms);
  await endProcess(node, 'SIGKILL');
}

/** Spread evenly and the same in every run. */
function lifeOf(kill: number): number {
  const [least, most] = LIFE_MS;
  return least + ((kill * 0.618) % 1) * (most - least);
}

test('a node that was killed is not said to run', async () => {
  const folder = temporaryFolder();
  const node = await startProcess(folder);
  expect(runningAddresses(folder)).toEqual([node.url]);
  await endProcess(node, 'SIGKILL');
  expect(runningAddresses(folder)).toEqual([]);
});
