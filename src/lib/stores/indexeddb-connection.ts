/**
 * One handle to the database and the transactions on it. The handle gives way when another tab
 * wants to upgrade or delete the database, and is opened again at the next use; so is one that the
 * browser closed. A transaction takes effect as a whole or not at all.
 */
import { wrap } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { StoreUnavailable } from './types.ts';
import type { BlockLocation } from './types.ts';
import { nameOf, translated } from './browser-errors.ts';

export interface Schema extends DBSchema {
  /** Blocks whose bytes lie here. */
  blocks: { key: string; value: Uint8Array };
  /** Sizes of all blocks: listing 100,000 of them must not read them. */
  blockSizes: { key: string; value: number };
  /** Blocks whose bytes lie in a segment file. */
  placed: { key: string; value: BlockLocation; indexes: { segment: string } };
  /** Segments somebody has to look at, and the instance that is at it. */
  unsettled: { key: string; value: string };
  records: { key: string; value: Uint8Array };
}

/** 2 added `placed` and `unsettled`; what lay in `blocks` stays there. */
const VERSION = 2;

type Tables = readonly StoreNames<Schema>[];
type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<
  Schema,
  StoreNames<Schema>[],
  Mode
>;

export class Connection {
  readonly #name: string;
  readonly #factory: IDBFactory;
  #opening: Promise<IDBPDatabase<Schema>> | undefined;
  #current: IDBPDatabase<Schema> | undefined;
  #isClosed = false;

  constructor(name: string, factory: IDBFactory | undefined) {
    if (factory === undefined) throw new StoreUnavailable('This browser keeps no data here.');
    this.#name = name;
    this.#factory = factory;
  }

  async open(): Promise<IDBPDatabase<Schema>> {
    if (this.#isClosed) throw new StoreUnavailable('The storage was closed.');
    this.#opening ??= this.#openDatabase();
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw translated(error);
    }
  }

  async read<T>(tables: Tables, body: (tx: Transaction<'readonly'>) => Promise<T>): Promise<T> {
    const tx = await this.#begin(tables, 'readonly');
    tx.done.catch(ignored);
    try {
      return await body(tx);
    } catch (error) {
      throw translated(error);
    }
  }

  async write<T>(
    tables: Tables,
    durability: IDBTransactionDurability,
    body: (tx: Transaction<'readwrite'>) => Promise<T>,
  ): Promise<T> {
    const tx = await this.#begin(tables, 'readwrite', durability);
    tx.done.catch(ignored);
    try {
      const result = await body(tx);
      await tx.done;
      return result;
    } catch (error) {
      abort(tx);
      throw translated(tx.error ?? error);
    }
  }

  close(): void {
    this.#isClosed = true;
    const opening = this.#opening;
    this.#opening = undefined;
    opening?.then((database) => database.close(), ignored);
  }

  async destroy(): Promise<void> {
    this.close();
    try {
      await wrap(this.#factory.deleteDatabase(this.#name));
    } catch (error) {
      throw translated(error);
    }
  }

  async #begin<Mode extends 'readonly' | 'readwrite'>(
    tables: Tables,
    mode: Mode,
    durability: IDBTransactionDurability = 'default',
  ): Promise<Transaction<Mode>> {
    for (let attempt = 0; ; attempt++) {
      const database = await this.open();
      try {
        return database.transaction([...tables], mode, { durability });
      } catch (error) {
        if (attempt > 0 || nameOf(error) !== 'InvalidStateError') throw translated(error);
        this.#forget(database); // the handle gave way since it was last used
      }
    }
  }

  #forget(database: IDBPDatabase<Schema>): void {
    if (this.#current === database) this.#opening = undefined;
  }

  /** Other tabs hold the same version or give way, so a blocked opening goes on by itself. */
  async #openDatabase(): Promise<IDBPDatabase<Schema>> {
    const request = this.#factory.open(this.#name, VERSION);
    request.addEventListener('upgradeneeded', ({ oldVersion }) => {
      const { result } = request;
      if (oldVersion < 1) {
        for (const table of ['blocks', 'blockSizes', 'records']) result.createObjectStore(table);
      }
      result.createObjectStore('placed').createIndex('segment', 'segment');
      result.createObjectStore('unsettled');
    });
    const database = (await wrap(request)) as unknown as IDBPDatabase<Schema>;
    this.#current = database;
    database.addEventListener('versionchange', () => {
      this.#forget(database);
      database.close();
    });
    database.addEventListener('close', () => this.#forget(database));
    return database;
  }
}

function abort(tx: Transaction<'readwrite'>): void {
  try {
    tx.abort();
  } catch {
    // It has ended already: committed, or aborted by the error at hand.
  }
}

function ignored(): void {
  // The same failure reaches the caller through the request that met it.
}
