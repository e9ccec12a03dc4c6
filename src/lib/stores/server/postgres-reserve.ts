/**
 * Room that is kept in the database for the day its disk is full: removing a record, too, writes
 * before anything is free. It is a table of filling that is emptied then, which gives its file back
 * at once, and filled again when there is room. All processes on the database share it.
 */
import type { ClientBase } from 'pg';

const PAGES = 512;
/** Two of these fill a page of 8 KiB. */
const FILLING_BYTES = 4000;

/** Empties it; false if it was empty. */
export async function giveUpReserve(client: ClientBase, schema: string): Promise<boolean> {
  if (!(await isReserved(client, schema))) return false;
  await client.query(`TRUNCATE ${schema}.reserve`);
  return true;
}

/** Fills it where it is empty. Fails as any write does where there is no room. */
export async function keepReserve(client: ClientBase, schema: string): Promise<void> {
  if (await isReserved(client, schema)) return;
  // Of several that fill it at once the first does.
  await client.query(
    `WITH turn AS MATERIALIZED (
       SELECT pg_try_advisory_xact_lock(hashtextextended('reserve of ${schema}', 0)) AS is_ours)
     INSERT INTO ${schema}.reserve
       SELECT decode(repeat('5a', ${String(FILLING_BYTES)}), 'hex')
       FROM turn, generate_series(1, ${String(2 * PAGES)}) WHERE turn.is_ours`,
  );
}

async function isReserved(client: ClientBase, schema: string): Promise<boolean> {
  const { rows } = await client.query(`SELECT FROM ${schema}.reserve LIMIT 1`);
  return rows.length > 0;
}
