/**
 * Records in PostgreSQL, for any number of processes on any number of machines. Each change is one
 * statement that takes its locks in the database (see `postgres-schema.ts`).
 *
 * Keys are bytes that sort as the keys do, whatever collation the database has. A connection that
 * breaks before a statement was sent is replaced, and waited for while the server restarts; one that
 * breaks after a change was sent leaves open whether it was made, and is an error that says so.
 */
import type { PoolClient, QueryResultRow } from 'pg';
import { Pool } from 'pg';
import { StoreFull, StoreUnavailable } from '../types.ts';
import type { ListedRecord, RecordChange, RecordEntry, RecordStore } from '../types.ts';
import { keyFromBytes, keyRange, keyToBytes } from './key-order.ts';
import { giveUpReserve, keepReserve } from './postgres-reserve.ts';
import { migrate } from './postgres-schema.ts';

export interface PostgresRecordStoreOptions {
  /** `postgres://user:password@host:port/database`; what it leaves out, `PG…` variables may say. */
  readonly url: string;
  /** Lower-case letters, digits and `_`. Made at opening if it is absent. `pyrgos` when absent. */
  readonly schema?: string;
  readonly maxConnections?: number;
  /** How long a call waits for a server that restarts. */
  readonly deadlineMs?: number;
  readonly clock?: () => number;
}

export interface PostgresRecordStore extends RecordStore {
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 10;
const DEADLINE_MS = 15_000;
const CONNECT_MS = 5_000;
const PAUSE_MS = 250;
/** On a full disk the reserve is tried for after so many changes. */
const CHANGES_TO_RESERVE = 32;
/** A statement that takes longer waits for a lock that nobody will give. */
const STATEMENT_MS = 30_000;

/** Connects, and makes or updates the schema. Throws {@link StoreUnavailable}, {@link StoreFull}. */
export async function createPostgresRecordStore(
  options: PostgresRecordStoreOptions,
): Promise<PostgresRecordStore> {
  const schema = options.schema ?? 'pyrgos';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new RangeError('A schema has a name of lower-case letters, digits and "_".');
  }
  const connections = new Connections(options);
  try {
    await connections.use((client) => migrate(client, schema));
    const records = new PostgresRecords(connections, schema);
    await records.keepReserve();
    return records;
  } catch (error) {
    await connections.close();
    throw error;
  }
}

class PostgresRecords implements PostgresRecordStore {
  readonly #connections: Connections;
  readonly #schema: string;

  /** Changes until a reserve that was given up is tried for again; `undefined` while it is kept. */
  #changesToReserve: number | undefined;

  constructor(connections: Connections, schema: string) {
    this.#connections = connections;
    this.#schema = schema;
  }

  async get(table: string, key: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#read<{ value: Uint8Array }>(
      'get',
      `SELECT value FROM ${this.#schema}.records WHERE "table" = $1 AND key = $2`,
      [table, keyToBytes(key)],
    );
    return row && own(row.value);
  }

  async list(
    table: string,
    prefix: string,
    after?: string,
    limit?: number,
  ): Promise<ListedRecord[]> {
    const { from, before } = keyRange(prefix, after);
    const rows = await this.#read<{ key: Uint8Array; value: Uint8Array }>(
      'list',
      `SELECT key, value FROM ${this.#schema}.records
       WHERE "table" = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4`,
      [table, from, before, limit ?? null],
    );
    return rows.map(({ key, value }) => ({ key: keyFromBytes(key), value: own(value) }));
  }

  async apply(change: RecordChange): Promise<boolean> {
    const values = [
      ...columnsOf(change.expect ?? []),
      ...columnsOf(lastOfEach(change.writes)),
      change.durability === 'relaxed',
    ];
    const text = `SELECT ${this.#schema}.apply_change($1, $2, $3, $4, $5, $6, $7) AS done`;
    const apply = () =>
      this.#connections.use((client) =>
        client.query<{ done: boolean }>({ name: 'apply', text, values }),
      );
    const { rows } = await apply().catch(async (error: unknown) => {
      if (!(error instanceof StoreFull) || !(await this.#giveUpReserve())) throw error;
      return apply();
    });
    const isDue = this.#changesToReserve !== undefined && --this.#changesToReserve <= 0;
    if (isDue) await this.keepReserve();
    return rows[0]?.done === true;
  }

  /** Keeps the room for a full disk, if it is to be had now. */
  async keepReserve(): Promise<void> {
    try {
      await this.#connections.use((client) => keepReserve(client, this.#schema), 'may be repeated');
      this.#changesToReserve = undefined;
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.#changesToReserve = CHANGES_TO_RESERVE;
    }
  }

  /** Also what was removed before is room again only then. False if nothing can have come of it. */
  async #giveUpReserve(): Promise<boolean> {
    this.#changesToReserve = CHANGES_TO_RESERVE;
    return this.#connections.use(async (client) => {
      const hasGiven = await giveUpReserve(client, this.#schema);
      const isTidied = await client.query(`VACUUM ${this.#schema}.records`).then(
        () => true,
        () => false,
      );
      return hasGiven || isTidied;
    }, 'may be repeated');
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #read<Row extends QueryResultRow>(
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    const run = (client: PoolClient) => client.query<Row>({ name, text, values });
    return (await this.#connections.use(run, 'may be repeated')).rows;
  }
}

/** A pool that retries while a server restarts. */
class Connections {
  readonly #pool: Pool;
  readonly #deadlineMs: number;
  readonly #clock: () => number;
  #isClosed = false;

  constructor({ url, maxConnections, deadlineMs, clock }: PostgresRecordStoreOptions) {
    this.#deadlineMs = deadlineMs ?? DEADLINE_MS;
    this.#clock = clock ?? Date.now;
    this.#pool = new Pool({
      connectionString: url,
      max: maxConnections ?? MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
      keepAlive: true,
      application_name: 'pyrgos',
      options: '-c default_transaction_isolation=read\\ committed',
    });
    // A connection that breaks is taken out of the pool; its user learns it from the call.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Runs `body` with a connection, again only if nothing can have come of it the first time. */
  async use<T>(body: (client: PoolClient) => Promise<T>, repeats?: 'may be repeated'): Promise<T> {
    const untilMs = this.#clock() + this.#deadlineMs;
    for (;;) {
      if (this.#isClosed) throw new StoreUnavailable('The database was closed.');
      const outcome = await this.#try(body);
      if ('value' in outcome) return outcome.value;
      const { error, wasSent } = outcome;
      const isSafe = !wasSent || repeats !== undefined || wasUndone(error);
      if (!isPassing(error) || !isSafe || this.#clock() >= untilMs) throw translated(error, isSafe);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#pool.end();
  }

  async #try<T>(
    body: (client: PoolClient) => Promise<T>,
  ): Promise<{ value: T } | { error: unknown; wasSent: boolean }> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      return { error, wasSent: false };
    }
    try {
      const value = await body(client);
      client.release();
      return { value };
    } catch (error) {
      client.release(isPassing(error)); // a broken connection is not given to the next
      return { error, wasSent: true };
    }
  }
}

/** Table, key and value of each entry, as three parameters. */
function columnsOf(entries: readonly RecordEntry[]): unknown[] {
  return [
    entries.map(({ table }) => table),
    entries.map(({ key }) => keyToBytes(key)),
    entries.map(({ value }) => value ?? null),
  ];
}

/** Of several writes to one key the last counts. */
function lastOfEach(writes: readonly RecordEntry[]): RecordEntry[] {
  return [
    ...new Map(writes.map((entry) => [JSON.stringify([entry.table, entry.key]), entry])).values(),
  ];
}

/** The driver's buffers are parts of what it received. */
function own(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

const SHUTTING_DOWN = ['57P01', '57P02'];
const RETRY = ['40001', '40P01', ...SHUTTING_DOWN];

/** The server's own word that the statement was not carried out. */
function wasUndone(error: unknown): boolean {
  return RETRY.includes(codeOf(error));
}

/** A lost or refused connection, a server that starts or stops, a conflict that the server broke up. */
function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if ([...RETRY, '57P03', '53300'].includes(code) || code.startsWith('08')) return true;
  if (/^E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN)/.test(code)) return true;
  return error instanceof Error && /^(Connection terminated|timeout exceeded)/i.test(error.message);
}

const REASONS = new Map([
  ['28000', 'refuses this user'],
  ['28P01', 'refuses the password'],
  ['3D000', 'has no such database'],
  ['42501', 'does not let this user make or use the schema'],
  ['57014', 'took too long'],
]);

function translated(error: unknown, isSafe: boolean): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable) return error;
  const code = codeOf(error);
  if (code === '53100') return new StoreFull({ cause: error });
  if (!isPassing(error) && !/^[0-9A-Z]{5}$|^E[A-Z_]+$/.test(code)) return error;
  const reason = REASONS.get(code) ?? (isPassing(error) ? 'could not be reached' : 'failed');
  const doubt = isSafe || !isPassing(error) ? '' : ' Whether the change was made is unknown.';
  const told = code === '' ? '' : ` (${code})`;
  return new StoreUnavailable(`The database ${reason}${told}.${doubt}`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
