/** Blocks on disk and records in SQLite: what every kind of store does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { describeAgreement, describeBlockStore, describeRecordStore } from '../testing.ts';
import { createDiskBlockStore, createSqliteRecordStore } from './index.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pyrgos-stores-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function makeBlocks() {
  const blocks = await createDiskBlockStore(await temporaryFolder());
  onTestFinished(() => blocks.close());
  return blocks;
}

async function makeRecords() {
  const records = await createSqliteRecordStore(join(await temporaryFolder(), 'node.sqlite'));
  onTestFinished(() => records.close());
  return records;
}

describeBlockStore('a folder', makeBlocks);
describeRecordStore('SQLite', makeRecords);
describeAgreement('a folder with SQLite', async () => ({
  blocks: await makeBlocks(),
  records: await makeRecords(),
}));
