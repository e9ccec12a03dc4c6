/**
 * Which accounts this browser knows, and what it keeps to stay signed in (C-7 §7.6 in spirit; our
 * own database, so that other clients on the same origin are not disturbed).
 *
 * Kept: the root key and the login record, sealed under a device key whose bytes nobody can read.
 * Signing out deletes key and record; the name alone stays, until the account is forgotten.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { utf8, type Random } from '#lib/bytes/index.ts';
import { asMap, asText, cborMap, decodeCbor, encodeCbor, field } from '#lib/codec/index.ts';
import {
  createDeviceKey,
  openWithDeviceKey,
  sealWithDeviceKey,
  SymmetricKey,
} from '#lib/crypto/index.ts';
import type { KeptLogin } from './sign-in.ts';

export interface KnownAccount {
  readonly username: string;
  readonly staysSignedIn: boolean;
}

export interface SavedLogins {
  /** The accounts used here, the most recent first. */
  list(): Promise<readonly KnownAccount[]>;
  /** Notes that an account was used; what it kept before stays. */
  note(username: string): Promise<void>;
  /** Keeps a login on this device. */
  keep(login: KeptLogin): Promise<void>;
  /** What was kept; undefined if nothing, or nothing that opens. */
  load(username: string): Promise<KeptLogin | undefined>;
  /** Deletes what was kept; the account stays known. */
  drop(username: string): Promise<void>;
  /** Deletes every trace of the account in this list. */
  forget(username: string): Promise<void>;
  close(): void;
}

interface SavedRecord {
  readonly username: string;
  readonly usedMs: number;
  readonly kept?: { readonly key: CryptoKey; readonly sealed: Uint8Array };
}

interface Schema extends DBSchema {
  accounts: { key: string; value: SavedRecord };
}

/** Opens the list in an IndexedDB database of this name. */
export async function openSavedLogins(
  database: string,
  random: Random,
  clock: () => number,
): Promise<SavedLogins> {
  const db: IDBPDatabase<Schema> = await openDB<Schema>(database, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('accounts', { keyPath: 'username' });
    },
    blocking() {
      db.close(); // another tab has a newer version
    },
  });
  const change = async (
    username: string,
    replace: (before: SavedRecord | undefined) => SavedRecord,
  ): Promise<void> => {
    const transaction = db.transaction('accounts', 'readwrite', { durability: 'strict' });
    await transaction.store.put(replace(await transaction.store.get(username)));
    await transaction.done;
  };
  return {
    async list() {
      const records = await db.getAll('accounts');
      return records
        .sort((a, b) => b.usedMs - a.usedMs)
        .map(({ username, kept }) => ({ username, staysSignedIn: kept !== undefined }));
    },
    note: (username) => change(username, (before) => ({ ...before, username, usedMs: clock() })),
    async keep(login) {
      const { username } = login;
      const key = await createDeviceKey();
      const sealed = await sealWithDeviceKey(key, encodeKept(login), utf8(username), random);
      await change(username, () => ({ username, usedMs: clock(), kept: { key, sealed } }));
    },
    async load(username) {
      const kept = (await db.get('accounts', username))?.kept;
      if (kept === undefined) return undefined;
      try {
        return decodeKept(await openWithDeviceKey(kept.key, kept.sealed, utf8(username)));
      } catch {
        return undefined; // damaged, or of another version: the person signs in again
      }
    },
    async drop(username) {
      const before = await db.get('accounts', username);
      if (before?.kept === undefined) return;
      try {
        await change(username, ({ usedMs } = before) => ({ username, usedMs }));
      } catch {
        // A browser without room may refuse to write anything, but not to delete: then the name goes too.
        await db.delete('accounts', username);
      }
    },
    async forget(username) {
      await db.delete('accounts', username);
    },
    close: () => db.close(),
  };
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
