/**
 * Work that one of several processes on a database does, and another one as soon as the first is
 * gone: the process that holds an advisory lock of PostgreSQL, which ends with its connection. It has a
 * connection of its own, so that no transaction of others can take it along.
 *
 * A process that lost its connection learns it within seconds; the server may have given the lock to
 * another one by then. So for that long two may be at it, which the work has to bear.
 */
import { Client } from 'pg';

export interface PostgresLockOptions {
  /** As for `createPostgresRecordStore`. */
  readonly url: string;
  /** What is locked; processes that name the same contend for it. */
  readonly name: string;
  /** How often it is tried for, and whether it is still held looked at. */
  readonly everyMs?: number;
}

export interface LockedWork {
  /** Begins the work. Answers how to end it, which waits for what is under way. */
  start(): () => Promise<void>;
}

export interface PostgresLock {
  readonly isHeld: boolean;
  /** Ends the work, then gives the lock back. */
  close(): Promise<void>;
}

const EVERY_MS = 2_000;
const CONNECT_MS = 5_000;
const QUERY_MS = 10_000;
/** The server finds out within half a minute that the machine of a holder is gone. */
const KEEP_ALIVE =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** Contends for the lock until it is closed; while the database is away nobody has it. */
export function contendForLock(options: PostgresLockOptions, work: LockedWork): PostgresLock {
  return new Contender(options, work);
}

class Contender implements PostgresLock {
  readonly #options: PostgresLockOptions;
  readonly #work: LockedWork;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #end: (() => Promise<void>) | undefined;

  constructor(options: PostgresLockOptions, work: LockedWork) {
    this.#options = options;
    this.#work = work;
    this.#running = this.#run();
  }

  get isHeld(): boolean {
    return this.#end !== undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const client = this.#newClient();
      const broken = new Promise<void>((resolve) => {
        // Each break may be told several times; one that nobody hears ends the process.
        client.on('error', () => resolve());
        client.on('end', () => resolve());
      });
      try {
        await client.connect();
        await this.#hold(client, broken);
      } catch {
        // Without a connection there is no lock; it is tried again.
      }
      await this.#lose();
      await client.end().catch(() => undefined);
      await this.#pause();
    }
  }

  /** Returns when it is to be closed; rejects, or returns, when the connection is gone. */
  async #hold(client: Client, broken: Promise<void>): Promise<void> {
    let isBroken = false;
    void broken.then(() => (isBroken = true));
    while (!this.#closing.signal.aborted && !isBroken) {
      if (this.isHeld) await client.query('SELECT 1');
      else if (await tryLock(client, this.#options.name)) this.#end = this.#work.start();
      await Promise.race([this.#pause(), broken]);
    }
  }

  async #lose(): Promise<void> {
    const end = this.#end;
    await end?.().catch(() => undefined);
    this.#end = undefined;
  }

  #newClient(): Client {
    return new Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: QUERY_MS,
      keepAlive: true,
      application_name: 'pyrgos duties',
      options: KEEP_ALIVE,
    });
  }

  #pause(): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, this.#options.everyMs ?? EVERY_MS);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}

async function tryLock(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
    [name],
  );
  return rows[0]?.taken === true;
}
