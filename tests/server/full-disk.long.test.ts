/**
 * A node whose disk is full to the last byte, over HTTP and as a process of its own: what is there
 * can be read, deleted, thrown away and collected, also after the node was killed and started again,
 * and then there is room to write. No upload, however small its files, takes the room for that.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemRandom } from '#lib/crypto/index.ts';
import { QuotaExceeded } from '#lib/protocol/index.ts';
import { put, read, signInAt, signUpAt, type Client } from './client.ts';
import { startNode } from './temp-nodes.ts';
import { endProcess, runNodeCommand, startNodeProcess } from './processes.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const probe = mountSmallDisk(1);
probe?.remove();

const content = (n: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 13 + n * 7 + (i >> 8)) % 251);

/** Uploads ever smaller files until not even one of a byte is taken. Answers their sizes by name. */
async function fillDrive(client: Client, prefix: string): Promise<Map<string, number>> {
  const stored = new Map<string, number>();
  let number = 0;
  for (const length of [1_000_000, 100_000, 10_000, 1]) {
    for (let refused = 0; refused < 2;) {
      const name = `${prefix} ${String(number++)}`;
      try {
        await put(client, name, content(length, length));
        stored.set(name, length);
      } catch (error) {
        expect(error).toBeInstanceOf(QuotaExceeded);
        refused++;
      }
    }
  }
  return stored;
}

async function remove(client: Client, path: readonly string[], name: string): Promise<void> {
  const folder = await client.drive.resolve(path);
  await client.drive.remove(folder, [(await client.drive.find(folder, name))!]);
}

/**
 * As the app does, into a folder of its own in the trash. That adds about what a small file adds, so
 * right after many of those were tried it is refused for some seconds.
 */
async function throwAway(client: Client, name: string): Promise<void> {
  const { drive } = client;
  const made = async (path: readonly string[], child: string) => {
    const folder = await drive.resolve(path);
    if ((await drive.find(folder, child)) === undefined) await drive.makeDirectory(folder, child);
  };
  const tryIt = async (): Promise<string> => {
    try {
      await drive.makeSystemFolders([['.trash']]);
      await made(['.trash'], `of ${name}`);
      const home = await drive.resolve([]);
      const batch = await drive.resolve(['.trash', `of ${name}`]);
      await drive.move(home, [(await drive.find(home, name))!], batch);
      return 'done';
    } catch (error) {
      expect(error).toBeInstanceOf(QuotaExceeded);
      return 'refused';
    }
  };
  await expect.poll(tryIt, { timeout: 30_000, interval: 1000 }).toBe('done');
}

async function expectStored(client: Client, stored: ReadonlyMap<string, number>): Promise<void> {
  for (const [name, length] of stored) {
    expect(Buffer.compare(await read(client, name), content(length, length)), name).toBe(0);
  }
}

function freeBytes({ folder }: SmallDisk): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What refused uploads left is collected, and the room for deleting kept again. */
function isReserved({ folder }: SmallDisk): boolean {
  return ['records.sqlite', 'blocks/index.sqlite'].every((file) =>
    existsSync(join(folder, 'data', `${file}-reserve`)),
  );
}

function smallDisk(megabytes: number): SmallDisk {
  const disk = mountSmallDisk(megabytes)!;
  onTestFinished(() => disk.remove());
  return disk;
}

describe.skipIf(probe === undefined)('a disk that is full to the last byte', () => {
  test('of 24 MiB: two people fill it, delete, and write again', async () => {
    const disk = smallDisk(24);
    const { url, node } = await startNode({ dataFolder: join(disk.folder, 'data') });
    const [alice, bob] = [await signUpAt(url, 'alice'), await signUpAt(url, 'bob')];
    const all = await Promise.all([fillDrive(alice, 'a'), fillDrive(bob, 'b')]);
    expect(all[0].size + all[1].size).toBeGreaterThan(4);
    await expect.poll(() => isReserved(disk), { timeout: 20_000 }).toBe(true);
    disk.fill();
    expect(freeBytes(disk)).toBe(0);
    for (const [i, client] of [alice, bob].entries()) {
      const names = [...all[i]!.keys()];
      await throwAway(client, names.at(-1)!);
      for (const name of names.slice(0, 3)) await remove(client, [], name);
      await remove(client, ['.trash'], `of ${names.at(-1)!}`);
      for (const name of [...names.slice(0, 3), names.at(-1)!]) all[i]!.delete(name);
    }
    for (const name of ['alice', 'bob']) await node.collect((await node.names.publicKey(name))!);
    await expectStored(alice, all[0]);
    await expectStored(bob, all[1]);
    await put(alice, 'after', content(9, 300_000));
    expect(await read(alice, 'after')).toEqual(content(9, 300_000));
  }, 120_000);

  test('of 40 MiB: the node is killed, starts there, and frees what is deleted', async () => {
    const disk = smallDisk(40);
    const data = ['--data', join(disk.folder, 'data'), '--collect-every', '0'];
    let node = await startNodeProcess(data);
    onTestFinished(() => endProcess(node, 'SIGKILL'));
    await put(await signUpAt(node.url, 'alice'), 'ballast', systemRandom(8_000_000));
    const stored = await fillDrive(await signInAt(node.url, 'alice'), 'file');
    await expect.poll(() => isReserved(disk), { timeout: 20_000 }).toBe(true);
    disk.fill();
    await endProcess(node, 'SIGKILL');
    node = await startNodeProcess(data);
    await endProcess(node, 'SIGTERM');
    disk.fill();
    node = await startNodeProcess(data);
    const alice = await signInAt(node.url, 'alice');
    const names = [...stored.keys()];
    await expect(put(alice, 'too much', content(1, 100_000))).rejects.toBeInstanceOf(QuotaExceeded);
    await throwAway(alice, names[0]!);
    await remove(alice, ['.trash', `of ${names[0]!}`], names[0]!);
    stored.delete(names[0]!);
    for (const name of names.slice(1).filter((_, i) => i % 2 === 0)) {
      await remove(alice, [], name);
      stored.delete(name);
    }
    await remove(alice, [], 'ballast');
    await runNodeCommand(['collect', ...data.slice(0, 2)]);
    expect(freeBytes(disk)).toBeGreaterThan(7_000_000);
    await put(alice, 'after', content(9, 2_000_000));
    expect(await read(alice, 'after')).toEqual(content(9, 2_000_000));
    await expectStored(alice, stored);
    expect(readFileSync(join(disk.folder, 'of-another-program')).length).toBeGreaterThan(0);
  }, 180_000);
});
