/** What is special to blocks on disk: crashes, full and damaged disks, several processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type * as FileSystem from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { StoreFull, StoreUnavailable } from '../types.ts';
import { createDiskBlockStore } from './index.ts';
import type { DiskBlockStoreOptions } from './index.ts';

/** What the next files' bytes meet: an error, or writes that take a part; `undefined` lets one through. */
const faults = vi.hoisted(() => ({ writes: [] as (string | undefined)[] }));

type WriteEnd = (error: Error | null, written: number) => void;
type Write = (
  fd: number,
  from: Uint8Array,
  at: number,
  length: number,
  to: number,
  end: WriteEnd,
) => void;

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const codes = new Map<number, string | undefined>();
  const open = (path: string, flags: string, end: (error: Error | null, fd: number) => void) => {
    original.open(path, flags, (error, fd) => {
      codes.set(fd, flags === 'w' ? faults.writes.shift() : undefined);
      end(error, fd);
    });
  };
  const write: Write = (fd, from, at, length, to, end) => {
    const code = codes.get(fd);
    if (code === undefined) original.write(fd, from, at, length, to, end);
    else if (code === 'short') original.write(fd, from, at, Math.ceil(length / 3), to, end);
    else if (code === 'none') end(null, 0);
    else end(Object.assign(new Error(code), { code }), 0);
  };
  return { ...original, open, write };
});

const bytes = (...values: number[]) => Uint8Array.from(values);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pyrgos-blocks-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openStore(folder: string, options?: DiskBlockStoreOptions) {
  const store = await createDiskBlockStore(folder, options);
  onTestFinished(() => store.close());
  return store;
}

/** Names of all files that hold, or were to hold, a block. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('index.sqlite'))
    .map(({ name }) => name);
}

test('blocks outlive their store, and a folder that is used by two', async () => {
  const folder = await temporaryFolder();
  const first = await openStore(join(folder, 'made', 'here'));
  const second = await openStore(join(folder, 'made', 'here'));
  await first.putMany([{ key: 'a/1', bytes: bytes(1) }]);
  expect(await second.get('a/1')).toEqual(bytes(1));
  await second.deleteMany(['a/1']);
  expect(await first.get('a/1')).toBeUndefined();
  await second.putMany([{ key: 'a/2', bytes: bytes(2) }]);
  await Promise.all([first.close(), second.close()]);
  const third = await openStore(join(folder, 'made', 'here'));
  expect(await third.list('')).toEqual([{ key: 'a/2', sizeBytes: 1 }]);
  await expect(first.has('a/2')).rejects.toBeInstanceOf(StoreUnavailable);
});

test.each(['ENOSPC', 'EDQUOT'])('nothing is left of a batch that met %s', async (code) => {
  const folder = await temporaryFolder();
  const store = await openStore(folder);
  const entries = [1, 2, 3].map((n) => ({ key: `a/${String(n)}`, bytes: bytes(n) }));
  faults.writes = [undefined, code, undefined];
  await expect(store.putMany(entries)).rejects.toBeInstanceOf(StoreFull);
  expect(await store.list('')).toEqual([]);
  expect(await filesOf(folder)).toEqual([]);
  await store.putMany(entries);
  expect(await store.list('')).toHaveLength(3);
});

test('a file that is written in parts is whole, and one that takes nothing is no block', async () => {
  const store = await openStore(await temporaryFolder());
  const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  faults.writes = ['short'];
  await store.putMany([{ key: 'a/parts', bytes: content }]);
  expect(await store.get('a/parts')).toEqual(content);
  faults.writes = ['none'];
  await expect(store.putMany([{ key: 'a/nothing', bytes: content }])).rejects.toBeInstanceOf(
    StoreFull,
  );
  expect(await store.has('a/nothing')).toBe(false);
});

test('a failing disk is told from a full one', async () => {
  const store = await openStore(await temporaryFolder());
  faults.writes = ['EIO'];
  const entry = { key: 'a', bytes: bytes(1) };
  await expect(store.putMany([entry])).rejects.toBeInstanceOf(StoreUnavailable);
});

test('a damaged or missing file is an error, not a block', async () => {
  const folder = await temporaryFolder();
  const store = await openStore(folder);
  const keys = ['short', 'long', 'gone'];
  await store.putMany(keys.map((key) => ({ key, bytes: bytes(1, 2, 3) })));
  const names = await readdir(folder, { recursive: true });
  const pathOf = (key: string) => join(folder, names.find((name) => name.includes(key)) ?? '');
  await truncate(pathOf('short'), 2);
  await writeFile(pathOf('long'), bytes(1, 2, 3, 4));
  await rm(pathOf('gone'));
  for (const key of keys) {
    await expect(store.get(key)).rejects.toBeInstanceOf(StoreUnavailable);
  }
});

test('an index that was lost is made again from the files', async () => {
  const folder = await temporaryFolder();
  const store = await openStore(folder);
  const keys = ['a/1', 'a/../2', 'é😀', '%0041', 'x.7'];
  await store.putMany(keys.map((key, i) => ({ key, bytes: new Uint8Array(i) })));
  const listed = await store.list('');
  await store.close();
  for (const name of await readdir(folder)) {
    if (name.startsWith('index.sqlite')) await rm(join(folder, name));
  }
  const again = await openStore(folder);
  expect(await again.list('')).toEqual(listed);
  await again.putMany([{ key: 'new', bytes: bytes(1) }]);
  expect(await again.get('x.7')).toEqual(new Uint8Array(4));
  expect(new Set(await filesOf(folder)).size).toBe(6);
});

test('a key that cannot name a file is refused', async () => {
  const store = await openStore(await temporaryFolder());
  const entry = { key: '/'.repeat(60), bytes: bytes(1) };
  await expect(store.putMany([entry])).rejects.toBeInstanceOf(RangeError);
  expect(await store.list('')).toEqual([]);
});

test('a folder that is no folder, and an index that is none, are told in words', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), 'text');
  await expect(createDiskBlockStore(join(folder, 'file'))).rejects.toBeInstanceOf(StoreUnavailable);
  await mkdir(join(folder, 'other'));
  await writeFile(join(folder, 'other', 'index.sqlite'), 'text '.repeat(1000));
  await expect(createDiskBlockStore(join(folder, 'other'))).rejects.toThrow(/not a database/u);
});

test('a relaxed store does the same without waiting for the disk', async () => {
  const store = await openStore(await temporaryFolder(), { durability: 'relaxed' });
  await store.putMany([{ key: 'a', bytes: bytes(1) }]);
  await store.deleteMany(['a']);
  expect(await store.list('')).toEqual([]);
});

const WRITER = `
  const { createDiskBlockStore } = await import(process.argv[1]);
  const store = await createDiskBlockStore(process.argv[2]);
  for (let batch = 0; ; batch++) {
    const keyOf = (i) => process.argv[3] + '/' + batch + '/' + i;
    const entries = Array.from({ length: 8 }, (_, i) => ({
      key: keyOf(i), bytes: new Uint8Array(20_000).fill(batch),
    }));
    await store.putMany(entries);
    process.stdout.write('put ' + batch + '\\n');
    if (batch % 3 === 2) {
      process.stdout.write('deleting ' + batch + '\\n');
      await store.deleteMany(entries.map(({ key }) => key));
      process.stdout.write('deleted ' + batch + '\\n');
    }
  }
`;

/** Runs a writer until it is killed in mid-flow; answers what it had been promised. */
async function runAndKill(folder: string, prefix: string, afterBatches: number): Promise<string[]> {
  const entry = new URL('./index.ts', import.meta.url).href;
  const args = ['--input-type=module', '-e', WRITER, entry, folder, prefix];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += String(chunk);
    if (!child.killed && text.split('\n').length > afterBatches) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return text.split('\n').slice(0, -1);
}

test('a writer that is killed leaves whole batches, all it was promised, and no other file', async () => {
  const folder = await temporaryFolder();
  for (let round = 0; round < 6; round++) {
    const prefix = `w${String(round)}`;
    const told = await runAndKill(folder, prefix, 3 + 2 * round);
    const store = await createDiskBlockStore(folder);
    const present = new Set((await store.list(`${prefix}/`)).map(({ key }) => key));
    const batches = Math.max(...told.map((line) => Number(line.split(' ')[1]))) + 2;
    for (let batch = 0; batch < batches; batch++) {
      const count = Array.from({ length: 8 }, (_, i) => `${prefix}/${String(batch)}/${String(i)}`)
        .map((key) => present.has(key))
        .filter(Boolean).length;
      expect([0, 8]).toContain(count);
      const says = (word: string) => told.includes(`${word} ${String(batch)}`);
      if (says('put') && !says('deleting')) expect(count).toBe(8);
      if (says('deleted')) expect(count).toBe(0);
    }
    for (const key of present) {
      const batch = Number(key.split('/')[1]);
      expect(await store.get(key)).toEqual(new Uint8Array(20_000).fill(batch));
    }
    const files = await filesOf(folder);
    expect(files.filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(files).toHaveLength((await store.list('')).length);
    await store.close();
  }
}, 60_000);

test('a file that another process is still writing is left to it', async () => {
  const folder = await temporaryFolder();
  let nowMs = Date.now();
  const clock = () => nowMs;
  const store = await openStore(folder, { clock });
  await store.close();
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const index = new DatabaseSync(join(folder, 'index.sqlite'));
  const note = index.prepare('INSERT INTO unfinished VALUES (?, ?, ?, ?, ?)');
  note.run(1000, Buffer.from('theirs'), 'another.machine', 1, nowMs);
  index.close();
  await mkdir(join(folder, '3e'));
  const part = join(folder, '3e', 'theirs.1000.part');
  await writeFile(part, 'half');
  await (await createDiskBlockStore(folder, { clock })).close();
  expect(await readFile(part, 'utf8')).toBe('half');
  nowMs += 2 * 60 * 60 * 1000;
  await (await createDiskBlockStore(folder, { clock })).close();
  expect(await filesOf(folder)).toEqual([]);
});
