/**
 * Which accounts this browser knows, and what it keeps to stay signed in (C-7 §7.6 in spirit; our
 * own database, so that other clients on the same origin are not disturbed).
 *
 * Kept: the root key and the login record, sealed under a device key whose bytes nobody can read.
 * Signing out deletes key and record; the name alone stays, until the account is forgotten.
 */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPObjectStore } from 'idb';
import { utf8, type Random } from '#lib/bytes/index.ts';
import { asMap, asText, cborMap, decodeCbor, encodeCbor, field } from '#lib/codec/index.ts';
import {
  createDeviceKey,
  openWithDeviceKey,
  sealWithDeviceKey,
  SymmetricKey,
} from '#lib/crypto/index.ts';
import { HandlePool } from '#lib/stores/index.ts';
import type { KnownState } from './known-state.ts';
import type { KeptLogin } from './sign-in.ts';

/** An account: its name, and the server it is kept on; without one it is kept in this browser. */
export interface AccountName {
  readonly username: string;
  /** Origin of the server. */
  readonly server?: string;
}

export interface KnownAccount extends AccountName {
  readonly staysSignedIn: boolean;
}

/** One text for an account: `alice`, or `alice@https://…`. */
export function accountKey({ username, server }: AccountName): string {
  return server === undefined ? username : `${username}@${server}`;
}

export interface SavedLogins {
  /** The accounts used here, the most recent first. */
  list(): Promise<readonly KnownAccount[]>;
  /** Notes that an account was used; what it kept before stays. */
  note(account: AccountName): Promise<void>;
  /** Remembers whose an account is; that outlives signing out. */
  remember(account: AccountName, state: KnownState): Promise<void>;
  /** What was remembered; undefined if the account was not opened here. */
  known(account: AccountName): Promise<KnownState | undefined>;
  /** The second node by which an account checks names; undefined: there is none. */
  witness(account: AccountName): Promise<string | undefined>;
  /** Names that node, or none; the account is known already. */
  setWitness(account: AccountName, server: string | undefined): Promise<void>;
  /** Keeps a login on this device. */
  keep(login: KeptLogin, server?: string): Promise<void>;
  /** What was kept; undefined if nothing, or nothing that opens. */
  load(account: AccountName): Promise<KeptLogin | undefined>;
  /** Deletes what was kept; the account stays known. */
  drop(account: AccountName): Promise<void>;
  /** Deletes every trace of the account in this list. */
  forget(account: AccountName): Promise<void>;
  close(): void;
}

interface SavedRecord extends AccountName {
  /** {@link accountKey} */
  readonly key: string;
  readonly usedMs: number;
  readonly known?: KnownState;
  readonly witness?: string;
  readonly kept?: { readonly key: CryptoKey; readonly sealed: Uint8Array };
}

interface Schema extends DBSchema {
  known: { key: string; value: SavedRecord };
}

type Known<Mode extends 'readonly' | 'readwrite'> = IDBPObjectStore<
  Schema,
  'known'[],
  'known',
  Mode
>;

/** Opens the list in an IndexedDB database of this name. */
export async function openSavedLogins(
  database: string,
  random: Random,
  clock: () => number,
): Promise<SavedLogins> {
  const pool = new HandlePool(() => openDatabase(database));
  await pool.open();
  const read = async <T>(ask: (known: Known<'readonly'>) => Promise<T>): Promise<T> => {
    const transaction = await pool.begin(['known'], 'readonly');
    return ask(transaction.objectStore('known'));
  };
  const write = async (work: (known: Known<'readwrite'>) => Promise<unknown>): Promise<void> => {
    const transaction = await pool.begin(['known'], 'readwrite', 'strict');
    await work(transaction.objectStore('known'));
    await transaction.done;
  };
  const get = (account: AccountName) => read((known) => known.get(accountKey(account)));
  const remove = (account: AccountName) => write((known) => known.delete(accountKey(account)));
  const change = (
    account: AccountName,
    replace: (before: SavedRecord | undefined) => SavedRecord,
  ): Promise<void> =>
    write(async (known) => known.put(replace(await known.get(accountKey(account)))));
  const named = ({ username, server }: AccountName) => {
    const name = { username, ...(server === undefined ? {} : { server }) };
    return { key: accountKey(name), ...name };
  };
  return {
    async list() {
      const records = await read((known) => known.getAll());
      return records
        .sort((a, b) => b.usedMs - a.usedMs)
        .map(({ username, server, kept }) => ({
          username,
          ...(server === undefined ? {} : { server }),
          staysSignedIn: kept !== undefined,
        }));
    },
    note: (account) =>
      change(account, (before) => ({ ...before, ...named(account), usedMs: clock() })),
    remember: (account, known) =>
      change(account, (before) => ({ usedMs: clock(), ...before, ...named(account), known })),
    known: async (account) => (await get(account))?.known,
    witness: async (account) => (await get(account))?.witness,
    setWitness: (account, server) =>
      change(account, (before) => {
        const { witness: _replaced, ...rest } = before ?? { usedMs: clock() };
        return { ...rest, ...named(account), ...(server === undefined ? {} : { witness: server }) };
      }),
    async keep(login, server) {
      const account = named({ ...login, ...(server === undefined ? {} : { server }) });
      const key = await createDeviceKey();
      const sealed = await sealWithDeviceKey(key, encodeKept(login), utf8(account.key), random);
      const kept = { key, sealed };
      await change(account, (before) => ({ ...before, ...account, usedMs: clock(), kept }));
    },
    async load(account) {
      const kept = (await get(account))?.kept;
      if (kept === undefined) return undefined;
      try {
        return decodeKept(
          await openWithDeviceKey(kept.key, kept.sealed, utf8(accountKey(account))),
        );
      } catch {
        return undefined; // damaged, or of another version: the person signs in again
      }
    },
    async drop(account) {
      const before = await get(account);
      if (before?.kept === undefined) return;
      try {
        await change(account, (present = before) => {
          const { kept: _dropped, ...rest } = present;
          return { ...rest, ...named(account) };
        });
      } catch {
        // A browser without room may refuse to write anything, but not to delete: then the name goes too.
        await remove(account);
      }
    },
    forget: remove,
    close: () => pool.close(),
  };
}

const FORMER_STORE = 'accounts';

/** The first version knew accounts of this browser only, by their names. */
function openDatabase(name: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, 2, {
    async upgrade(database, _oldVersion, _newVersion, transaction) {
      const known = database.createObjectStore('known', { keyPath: 'key' });
      const names = database.objectStoreNames as unknown as DOMStringList;
      if (!names.contains(FORMER_STORE)) return;
      const former = transaction.objectStore(FORMER_STORE as never);
      for (const record of (await former.getAll()) as unknown as Omit<SavedRecord, 'key'>[]) {
        await known.put({ ...record, key: record.username });
      }
      database.deleteObjectStore(FORMER_STORE as never);
    },
  });
}

function encodeKept({ username, rootKey, sealedSecrets, algorithm }: KeptLogin): Uint8Array {
  return encodeCbor(
    cborMap([
      ['username', username],
      ['rootKey', rootKey.toCbor()],
      ['secrets', sealedSecrets],
      ['algorithm', algorithm],
    ]),
  );
}

function decodeKept(bytes: Uint8Array): KeptLogin {
  const map = asMap(decodeCbor(bytes), 'a kept login');
  return {
    username: asText(field(map, 'username', 'a kept login'), 'its user name'),
    rootKey: SymmetricKey.fromCbor(field(map, 'rootKey', 'a kept login')),
    sealedSecrets: field(map, 'secrets', 'a kept login'),
    algorithm: field(map, 'algorithm', 'a kept login'),
  };
}
