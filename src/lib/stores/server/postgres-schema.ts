/**
 * The tables and the one function of records in PostgreSQL, made or brought up to date at opening,
 * by one process at a time.
 *
 * `apply_change` is the whole of a change in one statement. It first takes a lock of the transaction
 * on every key that the change names, expected or written, present or absent, in one order: two
 * changes that share a key happen one after the other, whole. Keys share 2⁶⁴ locks, so a coincidence
 * costs a wait and nothing else. A change of very many keys takes one lock against all others.
 */
import type { ClientBase } from 'pg';
import { StoreUnavailable } from '../types.ts';

/** Each brings the schema from the version of its place to the next. */
const VERSIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE ${schema}.records (
      "table" text COLLATE "C" NOT NULL,
      key bytea NOT NULL,
      value bytea NOT NULL,
      PRIMARY KEY ("table", key)
    );
    ALTER TABLE ${schema}.records ALTER COLUMN value SET STORAGE EXTERNAL;

    CREATE FUNCTION ${schema}.apply_change(
      expected_tables text[], expected_keys bytea[], expected_values bytea[],
      written_tables text[], written_keys bytea[], written_values bytea[],
      is_relaxed boolean
    ) RETURNS boolean LANGUAGE plpgsql AS $function$
    DECLARE
      all_locks constant bigint := hashtextextended('${schema}', 0);
      key_locks bigint[];
    BEGIN
      IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'records need transactions that are read committed';
      END IF;
      key_locks := ARRAY(
        SELECT DISTINCT hashtextextended(encode(key, 'hex') || ' ' || "table", all_locks) AS lock
        FROM unnest(expected_tables || written_tables, expected_keys || written_keys)
          AS named("table", key)
        ORDER BY lock
      );
      IF cardinality(key_locks) > 200 THEN
        PERFORM pg_advisory_xact_lock(all_locks);
      ELSE
        PERFORM pg_advisory_xact_lock_shared(all_locks);
        FOR i IN 1 .. cardinality(key_locks) LOOP
          PERFORM pg_advisory_xact_lock(key_locks[i]);
        END LOOP;
      END IF;
      IF EXISTS (
        SELECT FROM unnest(expected_tables, expected_keys, expected_values)
          AS expected("table", key, value)
        LEFT JOIN ${schema}.records stored USING ("table", key)
        WHERE stored.value IS DISTINCT FROM expected.value
      ) THEN
        RETURN false;
      END IF;
      DELETE FROM ${schema}.records stored
        USING unnest(written_tables, written_keys, written_values) AS written("table", key, value)
        WHERE written.value IS NULL
          AND stored."table" = written."table" AND stored.key = written.key;
      INSERT INTO ${schema}.records AS stored
        SELECT * FROM unnest(written_tables, written_keys, written_values)
          AS written("table", key, value)
        WHERE written.value IS NOT NULL
        ON CONFLICT ("table", key) DO UPDATE SET value = excluded.value;
      IF is_relaxed THEN
        PERFORM set_config('synchronous_commit', 'off', true);
      END IF;
      RETURN true;
    END
    $function$;
  `,
];

/** Makes the schema what this version needs. Throws {@link StoreUnavailable} if it is a newer one. */
export async function migrate(client: ClientBase, schema: string): Promise<void> {
  if ((await versionOf(client, schema)) === VERSIONS.length) return;
  await client.query('BEGIN');
  try {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('migration of ' || $1, 0))", [
      schema,
    ]);
    const version = await versionOf(client, schema); // another process may have been first
    if (version > VERSIONS.length) {
      throw new StoreUnavailable('The database was made by a newer version of this program.');
    }
    if (version === 0) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await client.query(`CREATE TABLE ${schema}.version (version integer NOT NULL)`);
      await client.query(`INSERT INTO ${schema}.version VALUES (0)`);
    }
    for (const step of VERSIONS.slice(version)) await client.query(step(schema));
    await client.query(`UPDATE ${schema}.version SET version = $1`, [VERSIONS.length]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function versionOf(client: ClientBase, schema: string): Promise<number> {
  // Not `to_regclass`: it may answer from before a lock was waited for.
  const tables = await client.query(
    "SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'version'",
    [schema],
  );
  if (tables.rowCount === 0) return 0;
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${schema}.version`);
  return rows[0]?.version ?? 0;
}
