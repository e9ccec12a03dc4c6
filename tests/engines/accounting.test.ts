/** What an account uses is a recount, with records in PostgreSQL, blocks in S3, and with both. */
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createPostgresRecordStore, createS3BlockStore } from '#lib/stores/server/index.ts';
import { describeAccounting } from '#lib/node-local/testing/accounting.ts';
import { POSTGRES_PROGRAMS, S3_PROGRAM, startPostgres, startS3 } from './servers.ts';
import type { PostgresServer, S3Server } from './servers.ts';

const BUCKET = 'pyrgos-blocks';

let postgres: PostgresServer;
let s3: S3Server;
let count = 0;

/** Opens the same records again with each call. */
function newRecords() {
  const schema = `accounting_${String(++count)}`;
  return async () => {
    const store = await createPostgresRecordStore({ url: postgres.url, schema });
    onTestFinished(() => store.close());
    return store;
  };
}

/** Opens the same blocks again with each call. */
function newBlocks() {
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  const folder = `accounting${String(++count)}/`;
  const access = { endpoint, region, accessKeyId, secretAccessKey, bucket: BUCKET, folder };
  return () => createS3BlockStore(access);
}

describe.skipIf(POSTGRES_PROGRAMS === undefined)('with PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  describeAccounting(
    'records in PostgreSQL',
    async () => {
      const { blocks } = createMemoryStores();
      const open = newRecords();
      const reopen = async () => ({ blocks, records: await open() });
      return { ...(await reopen()), reopen };
    },
    { runs: 15, crashEvery: 4 },
  );

  describe.skipIf(S3_PROGRAM === undefined)('and S3', () => {
    beforeAll(startBuckets);
    afterAll(() => s3.stop());

    describeAccounting(
      'records in PostgreSQL and blocks in S3',
      async () => {
        const [openRecords, openBlocks] = [newRecords(), newBlocks()];
        const reopen = async () => ({ blocks: openBlocks(), records: await openRecords() });
        return { ...(await reopen()), reopen };
      },
      { runs: 5, crashEvery: 9 },
    );
  });
});

describe.skipIf(S3_PROGRAM === undefined)('with S3', () => {
  beforeAll(startBuckets);
  afterAll(() => s3.stop());

  describeAccounting(
    'blocks in S3',
    async () => {
      const { records } = createMemoryStores();
      const open = newBlocks();
      const reopen = async () => ({ blocks: open(), records });
      return { ...(await reopen()), reopen };
    },
    { runs: 15, crashEvery: 4 },
  );
});

async function startBuckets(): Promise<void> {
  s3 = await startS3();
  await s3.makeBucket(BUCKET);
}
