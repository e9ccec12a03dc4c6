/** For tests of what accounts use: blocks on disk and records in SQLite, as a household has them. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDiskBlockStore, createSqliteRecordStore } from '#lib/stores/server/index.ts';
import type { AccountedStores } from '#lib/node-local/testing/accounting.ts';
import { temporaryFolder } from './temp-nodes.ts';

/** Empty stores, which another process may open as well. */
export async function accountedFolder(): Promise<AccountedStores> {
  const folder = temporaryFolder();
  const reopen = async () => {
    const blocks = await createDiskBlockStore(join(folder, 'blocks'));
    const records = await createSqliteRecordStore(join(folder, 'records.sqlite'));
    onTestFinished(async () => {
      await blocks.close();
      await records.close();
    });
    return { blocks, records };
  };
  return { ...(await reopen()), reopen };
}
