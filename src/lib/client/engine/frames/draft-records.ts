/**
 * Where sealed drafts lie: a database of this browser, by account and file; or memory, for the page
 * of a link, which leaves nothing behind. What lies there means nothing without the account's key.
 */
import { openDB, type DBSchema } from 'idb';
import { HandlePool } from '#lib/stores/index.ts';

export interface DraftRecord {
  readonly sealed: Uint8Array;
  readonly savedMs: number;
}

/** What a list says of a draft. */
export interface DraftSize {
  readonly file: string;
  readonly sizeBytes: number;
  readonly savedMs: number;
}

export interface DraftRecords {
  get(account: string, file: string): Promise<DraftRecord | undefined>;
  put(account: string, file: string, record: DraftRecord): Promise<void>;
  delete(account: string, files: readonly string[]): Promise<void>;
  list(account: string): Promise<readonly DraftSize[]>;
  /** Deletes all drafts of an account. */
  forget(account: string): Promise<void>;
  close(): void;
}

interface StoredDraft extends DraftRecord {
  readonly account: string;
  readonly file: string;
}

interface Schema extends DBSchema {
  drafts: { key: [string, string]; value: StoredDraft; indexes: { account: string } };
}

/** Opens the drafts in an IndexedDB database of this name, when they are first asked for. */
export function openDraftRecords(database: string): DraftRecords {
  const pool = new HandlePool(() =>
    openDB<Schema>(database, 1, {
      upgrade(opened) {
        const drafts = opened.createObjectStore('drafts', { keyPath: ['account', 'file'] });
        drafts.createIndex('account', 'account');
      },
    }),
  );
  const read = async () => (await pool.begin(['drafts'], 'readonly')).objectStore('drafts');
  const write = () => pool.begin(['drafts'], 'readwrite', 'strict');
  return {
    get: async (account, file) => (await read()).get([account, file]),
    async put(account, file, record) {
      const transaction = await write();
      await transaction.objectStore('drafts').put({ ...record, account, file });
      await transaction.done;
    },
    async delete(account, files) {
      const transaction = await write();
      const drafts = transaction.objectStore('drafts');
      await Promise.all(files.map((file) => drafts.delete([account, file])));
      await transaction.done;
    },
    async list(account) {
      const found = await (await read()).index('account').getAll(account);
      return found.map(({ file, sealed, savedMs }) => ({
        file,
        sizeBytes: sealed.length,
        savedMs,
      }));
    },
    async forget(account) {
      const transaction = await write();
      const drafts = transaction.objectStore('drafts');
      const keys = await drafts.index('account').getAllKeys(account);
      await Promise.all(keys.map((key) => drafts.delete(key)));
      await transaction.done;
    },
    close: () => pool.close(),
  };
}

export function createMemoryDraftRecords(): DraftRecords {
  const accounts = new Map<string, Map<string, DraftRecord>>();
  const of = (account: string): Map<string, DraftRecord> => {
    const known = accounts.get(account) ?? new Map<string, DraftRecord>();
    accounts.set(account, known);
    return known;
  };
  return {
    get: async (account, file) => of(account).get(file),
    put: async (account, file, record) => void of(account).set(file, record),
    delete: async (account, files) => {
      for (const file of files) of(account).delete(file);
    },
    list: async (account) =>
      [...of(account)].map(([file, { sealed, savedMs }]) => ({
        file,
        sizeBytes: sealed.length,
        savedMs,
      })),
    forget: async (account) => void accounts.delete(account),
    close: () => undefined,
  };
}
