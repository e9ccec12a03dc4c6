/** What is special to records in SQLite: processes, durability, backups, damage, its warning. */
import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StoreUnavailable } from '../types.ts';
import { backupSqliteRecords, createSqliteRecordStore } from './index.ts';

const ENTRY = new URL('./index.ts', import.meta.url).href;
const bytes = (...values: number[]) => Uint8Array.from(values);

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pyrgos-records-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'node.sqlite');
}

async function openStore(file: string) {
  const store = await createSqliteRecordStore(file);
  onTestFinished(() => store.close());
  return store;
}

/** Runs a module's text in a process of its own, with the file as its argument. */
async function runElsewhere(script: string, file: string) {
  const text = `const stores = await import(process.argv[1]);
    const records = await stores.createSqliteRecordStore(process.argv[2]);
    ${script}`;
  const args = ['--input-type=module', '-e', text, ENTRY, file];
  return promisify(execFile)(process.execPath, args);
}

test('several processes lose no update', async () => {
  const file = await temporaryFile();
  const store = await openStore(file);
  const increment = `
    for (let done = 0; done < 40; ) {
      const value = await records.get('t', 'count');
      const next = Buffer.from(String(Number(Buffer.from(value ?? []).toString()) + 1));
      const change = { expect: [{ table: 't', key: 'count', value }],
                       writes: [{ table: 't', key: 'count', value: next }], durability: 'relaxed' };
      if (await records.apply(change)) done++;
    }`;
  await Promise.all([1, 2, 3].map(() => runElsewhere(increment, file)));
  expect(Buffer.from((await store.get('t', 'count')) ?? []).toString()).toBe('120');
}, 120_000);

test('exactly one of several processes makes an absent record', async () => {
  const file = await temporaryFile();
  const claim = `
    for (let i = 0; i < 50; i++) {
      const entry = { table: 't', key: 'k' + i };
      const change = { expect: [{ ...entry, value: undefined }],
                       writes: [{ ...entry, value: Buffer.from('x') }] };
      if (await records.apply(change)) console.log(i);
    }`;
  const outcomes = await Promise.all([1, 2, 3].map(() => runElsewhere(claim, file)));
  const made = outcomes.flatMap(({ stdout }) => stdout.trim().split('\n').filter(Boolean));
  expect(made.map(Number).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, i) => i),
  );
});

test('a copy made while it is written is one instant of it', async () => {
  const file = await temporaryFile();
  const store = await openStore(file);
  const write = (n: number) =>
    store.apply({
      writes: ['a', 'b'].map((key) => ({ table: 't', key, value: new Uint8Array(2000).fill(n) })),
      durability: 'relaxed',
    });
  await write(0);
  const filler = Array.from({ length: 3000 }, (_, i) => ({
    table: 'filler',
    key: String(i),
    value: new Uint8Array(1000),
  }));
  await store.apply({ writes: filler });
  let isCopying = true;
  const copying = backupSqliteRecords(file, `${file}.copy`).finally(() => (isCopying = false));
  let writes = 0;
  while (isCopying) {
    await write(++writes);
    await new Promise(setImmediate);
  }
  await copying;
  expect(writes).toBeGreaterThan(1);
  const copy = await openStore(`${file}.copy`);
  const [a, b] = await copy.list('t', '');
  expect(a?.value).toEqual(b?.value);
  expect(await copy.list('filler', '')).toHaveLength(3000);
});

describe('the disk', () => {
  /** Counts what is put to disk, and holds it up for as long as `until` takes. */
  async function watchDisk(file: string) {
    const handle = await open(file, 'r');
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const { datasync } = prototype;
    const disk = { flushes: 0, until: Promise.resolve() };
    prototype.datasync = async function (this: typeof handle) {
      disk.flushes++;
      await disk.until;
      await datasync.call(this);
    };
    onTestFinished(() => {
      prototype.datasync = datasync;
    });
    return disk;
  }
  const writes = [{ table: 't', key: 'k', value: bytes(1) }];

  test('is waited for by strict changes only, by several at once together', async () => {
    const file = await temporaryFile();
    const store = await openStore(file);
    const disk = await watchDisk(file);
    for (const durability of ['strict', 'relaxed', 'relaxed', 'strict'] as const) {
      await store.apply({ writes, ...(durability === 'relaxed' ? { durability } : {}) });
    }
    expect(disk.flushes).toBe(2);
    await Promise.all(Array.from({ length: 20 }, () => store.apply({ writes })));
    expect(disk.flushes).toBe(4);
  });

  test('has what anybody reads, however long it takes', async () => {
    const file = await temporaryFile();
    const store = await openStore(file);
    const disk = await watchDisk(file);
    const held = Promise.withResolvers<undefined>();
    disk.until = held.promise.then(() => undefined);
    let hasRead = false;
    const applying = store.apply({ writes });
    const reading = Promise.all([store.get('t', 'k'), store.list('t', '')]).then((read) => {
      hasRead = true;
      return read;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(hasRead).toBe(false);
    held.resolve(undefined);
    expect(await applying).toBe(true);
    expect((await reading)[0]).toEqual(bytes(1));
  });
});

test('a file that is none of ours, closed, unreachable or newer is told in words', async () => {
  const file = await temporaryFile();
  await writeFile(file, 'not a database '.repeat(500));
  await expect(createSqliteRecordStore(file)).rejects.toThrow(/not a database/u);
  await expect(createSqliteRecordStore(join(file, 'x'))).rejects.toBeInstanceOf(StoreUnavailable);
  const newer = `${file}.newer`;
  const store = await createSqliteRecordStore(newer);
  await store.close();
  await expect(store.get('t', 'k')).rejects.toThrow(/closed/u);
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(newer);
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(createSqliteRecordStore(newer)).rejects.toThrow(/newer version/u);
});

test('the warning of the built-in SQLite is dropped, and no other', async () => {
  const { stderr } = await runElsewhere(
    `await records.close(); process.emitWarning('Something else', 'ExperimentalWarning');`,
    await temporaryFile(),
  );
  expect(stderr).toContain('Something else');
  expect(stderr).not.toContain('SQLite');
});

test.skipIf(process.platform === 'win32')('nobody else may read the files', async () => {
  const file = await temporaryFile();
  const store = await openStore(file);
  await store.apply({ writes: [{ table: 't', key: 'k', value: bytes(1) }] });
  await backupSqliteRecords(file, `${file}.copy`);
  const names = await readdir(dirname(file));
  expect(names).toEqual(expect.arrayContaining(['node.sqlite', 'node.sqlite-wal']));
  for (const name of names) {
    const { mode } = await stat(join(dirname(file), name));
    expect(mode & 0o077, name).toBe(0);
  }
});
