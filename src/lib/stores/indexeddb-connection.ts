/**
 * The database and the transactions on it, through as many handles as there are transactions at
 * once. A transaction takes effect as a whole or not at all.
 */
import { wrap } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { translated } from './browser-errors.ts';
import { HandlePool } from './handle-pool.ts';
import { StoreUnavailable } from './types.ts';
import type { BlockLocation } from './types.ts';

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
  readonly #pool: HandlePool<Schema>;

  constructor(name: string, factory: IDBFactory | undefined) {
    if (factory === undefined) throw new StoreUnavailable('This browser keeps no data here.');
    this.#name = name;
    this.#factory = factory;
    this.#pool = new HandlePool(() => openDatabase(name, factory));
  }

  async open(): Promise<void> {
    try {
      await this.#pool.open();
    } catch (error) {
      throw translated(error);
    }
  }

  async read<T>(tables: Tables, body: (tx: Transaction<'readonly'>) => Promise<T>): Promise<T> {
    const tx = await this.#begin(tables, 'readonly');
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
    this.#pool.close();
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
    durability?: IDBTransactionDurability,
  ): Promise<Transaction<Mode>> {
    try {
      return await this.#pool.begin(tables, mode, durability);
    } catch (error) {
      throw translated(error);
    }
  }
}

/** Other tabs hold the same version or give way, so a blocked opening goes on by itself. */
async function openDatabase(name: string, factory: IDBFactory): Promise<IDBPDatabase<Schema>> {
  const request = factory.open(name, VERSION);
  request.addEventListener('upgradeneeded', ({ oldVersion }) => {
    const { result } = request;
    if (oldVersion < 1) {
      for (const table of ['blocks', 'blockSizes', 'records']) result.createObjectStore(table);
    }
    result.createObjectStore('placed').createIndex('segment', 'segment');
    result.createObjectStore('unsettled');
  });
  return (await wrap(request)) as unknown as IDBPDatabase<Schema>;
}

function abort(tx: Transaction<'readwrite'>): void {
  try {
    tx.abort();
  } catch {
    // It has ended already: committed, or aborted by the error at hand.
  }
}
