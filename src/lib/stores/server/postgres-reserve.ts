/**
 * Room that is kept in the database for the day its disk is full: removing a record, too, writes
 * before anything is free. It is a table of filling that is dropped then, which writes nothing new
 * and gives its file back at once (emptying it would begin another file), and made again when there
 * is room. All processes on the database share it.
 */
import type { ClientBase } from 'pg';

const PAGES = 512;
/** Two of these fill a page of 8 KiB. */
const FILLING_BYTES = 4000;

/** False if there was none. */
export async function giveUpReserve(client: ClientBase, schema: string): Promise<boolean> {
  if (!(await isReserved(client, schema))) return false;
  await client.query(`DROP TABLE IF EXISTS ${schema}.reserve`);
  return true;
}

/** Makes it if there is none. Fails as any write does where there is no room, and leaves nothing. */
export async function keepReserve(client: ClientBase, schema: string): Promise<void> {
  if (await isReserved(client, schema)) return;
  await client.query('BEGIN');
  try {
    // Of several that make it at once one does.
    const { rows } = await client.query<{ is_ours: boolean }>(
      "SELECT pg_try_advisory_xact_lock(hashtextextended('reserve of ' || $1, 0)) AS is_ours",
      [schema],
    );
    if (rows[0]?.is_ours === true && !(await isReserved(client, schema))) {
      await client.query(`CREATE TABLE ${schema}.reserve (filling bytea NOT NULL)`);
      await client.query(`ALTER TABLE ${schema}.reserve ALTER COLUMN filling SET STORAGE PLAIN`);
      await client.query(
        `INSERT INTO ${schema}.reserve SELECT decode(repeat('5a', $1::int), 'hex')
         FROM generate_series(1, $2::int)`,
        [FILLING_BYTES, 2 * PAGES],
      );
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function isReserved(client: ClientBase, schema: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'reserve'",
    [schema],
  );
  return rowCount !== 0;
}
