/** Backups made while people write, and what comes back from them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, restore } from '../../src/server/data/backup.ts';
import { BadArchive } from '../../src/server/data/tar.ts';
import { put, read, signInAt, signUpAt } from './client.ts';
import { startNode, temporaryFolder } from './temp-nodes.ts';

const content = (n: number): Uint8Array =>
  Uint8Array.from({ length: 30_000 + n }, (_, i) => (i * 7 + n) % 253);

test('everything that was stored when a backup began is in it, while more is being stored', async () => {
  const node = await startNode();
  const alice = await signUpAt(node.url, 'alice');
  for (let n = 0; n < 4; n++) await put(alice, `before ${String(n)}`, content(n));
  const stop = { isAsked: false };
  const writing = (async () => {
    for (let n = 100; !stop.isAsked; n++) await put(alice, `during ${String(n)}`, content(n));
  })();
  const file = join(temporaryFolder(), 'backup.tar');
  const made = await backUp(node.dataFolder, file, Date.now);
  stop.isAsked = true;
  await writing;
  expect(made.damaged).toBe(0);
  await node.close();

  const folder = temporaryFolder();
  expect(await restore(folder, file, Date.now)).toEqual(made);
  const restored = await startNode({ dataFolder: folder });
  const again = await signInAt(restored.url, 'alice');
  for (let n = 0; n < 4; n++) expect(await read(again, `before ${String(n)}`)).toEqual(content(n));
  await put(again, 'after', content(9));
  expect(await read(again, 'after')).toEqual(content(9));
});

test('a backup is an archive that every system can list and unpack', async () => {
  const node = await startNode();
  await put(await signUpAt(node.url, 'alice'), 'file', content(1));
  const folder = temporaryFolder();
  const file = join(folder, 'backup.tar');
  const { blocks } = await backUp(node.dataFolder, file, Date.now);
  const listed = execFileSync('tar', ['tf', file], { encoding: 'utf8' }).trim().split('\n');
  expect(listed).toHaveLength(blocks + 1);
  expect(listed.at(-1)).toBe('records.sqlite');
  expect(listed[0]).toMatch(/^blocks\/z59v\w+\/z\w+$/u);
  expect(readdirSync(folder)).toEqual(['backup.tar']);
});

test('a damaged or foreign archive is refused, and nothing is overwritten', async () => {
  const node = await startNode();
  await put(await signUpAt(node.url, 'alice'), 'file', content(1));
  const folder = temporaryFolder();
  const file = join(folder, 'backup.tar');
  await backUp(node.dataFolder, file, Date.now);
  await expect(backUp(node.dataFolder, file, Date.now)).rejects.toThrow('is there already');
  await expect(restore(node.dataFolder, file, Date.now)).rejects.toThrow('is not empty');

  const bytes = readFileSync(file);
  const cut = join(folder, 'cut.tar');
  writeFileSync(cut, bytes.subarray(0, bytes.length - 3000));
  await expect(restore(temporaryFolder(), cut, Date.now)).rejects.toBeInstanceOf(BadArchive);
  const foreign = join(folder, 'foreign.tar');
  writeFileSync(foreign, 'something else '.repeat(100));
  await expect(restore(temporaryFolder(), foreign, Date.now)).rejects.toBeInstanceOf(BadArchive);

  const flipped = join(folder, 'flipped.tar');
  bytes[600] = (bytes[600] ?? 0) ^ 1; // within the first block
  writeFileSync(flipped, bytes);
  expect((await restore(temporaryFolder(), flipped, Date.now)).damaged).toBe(1);
  expect(existsSync(file)).toBe(true);
});
