import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import { watchHandles } from '#lib/stores/testing.ts';
import { openSavedLogins } from './saved-logins.ts';

let databases = 0;
async function logins() {
  const database = `logins-${++databases}`;
  let nowMs = 0;
  const saved = await openSavedLogins(database, systemRandom, () => ++nowMs);
  return { database, saved };
}
const login = (username: string) => ({
  username,
  rootKey: SymmetricKey.random(systemRandom),
  sealedSecrets: [systemRandom(24), systemRandom(200)],
  algorithm: new Map([['m', 17]]),
});

/** Everything a database holds, as bytes in hexadecimal; keys that show no bytes count as none. */
async function dump(database: string): Promise<string> {
  const db = await openDB(database);
  const rows: unknown[] = [];
  for (const name of db.objectStoreNames) rows.push(...(await db.getAll(name)));
  db.close();
  return rows
    .map((row) =>
      JSON.stringify(row, (_key, value: unknown) =>
        value instanceof Uint8Array ? toHex(value) : value,
      ),
    )
    .join('\n');
}

describe('logins kept on the device', () => {
  it('are read and written with one transaction at a time on a handle', async () => {
    const { saved } = await logins();
    const watch = watchHandles();
    onTestFinished(watch.stop);
    const names = ['alice', 'bob', 'carol', 'dave'];
    await Promise.all(
      names.flatMap((username) => [saved.list(), saved.note({ username }), saved.list()]),
    );
    expect((await saved.list()).map(({ username }) => username).sort()).toEqual(names);
    expect(watch.mostOnOne).toBe(1);
    expect(watch.mostAtOnce).toBeGreaterThan(1);
  });

  it('come back as they were, the most recent account first', async () => {
    const { saved } = await logins();
    const [alice, bob] = [login('alice'), login('bob')];
    await saved.keep(alice);
    await saved.keep(bob);
    await saved.note({ username: 'alice' });
    expect(await saved.list()).toEqual([
      { username: 'alice', staysSignedIn: true },
      { username: 'bob', staysSignedIn: true },
    ]);
    expect(await saved.load({ username: 'alice' })).toEqual(alice);
    expect((await saved.load({ username: 'bob' }))?.rootKey.equals(bob.rootKey)).toBe(true);
    expect(await saved.load({ username: 'carol' })).toBeUndefined();
  });

  it('of the same name on a server and in this browser are two', async () => {
    const { saved } = await logins();
    const [here, there] = [login('alice'), login('alice')];
    const server = 'https://home.example';
    await saved.keep(here);
    await saved.keep(there, server);
    expect(await saved.list()).toEqual([
      { username: 'alice', server, staysSignedIn: true },
      { username: 'alice', staysSignedIn: true },
    ]);
    expect(await saved.load({ username: 'alice' })).toEqual(here);
    expect(await saved.load({ username: 'alice', server })).toEqual(there);
    await saved.forget({ username: 'alice' });
    expect(await saved.list()).toEqual([{ username: 'alice', server, staysSignedIn: true }]);
  });

  it('of the version before are carried over', async () => {
    const name = `logins-${++databases}`;
    const former = await openDB(name, 1, {
      upgrade: (db) => void db.createObjectStore('accounts', { keyPath: 'username' }),
    });
    await former.put('accounts', { username: 'alice', usedMs: 5 });
    former.close();
    const saved = await openSavedLogins(name, systemRandom, () => 9);
    expect(await saved.list()).toEqual([{ username: 'alice', staysSignedIn: false }]);
  });

  it('are unreadable in the store, and their key gives no bytes', async () => {
    const { database, saved } = await logins();
    const alice = login('alice');
    await saved.keep(alice);
    const stored = await dump(database);
    expect(stored).not.toContain(toHex(alice.rootKey.bytes));
    expect(stored).not.toContain(toHex(alice.sealedSecrets[1]!));
    const db = await openDB(database);
    const record = (await db.get('known', 'alice')) as { kept: { key: CryptoKey } };
    await expect(crypto.subtle.exportKey('raw', record.kept.key)).rejects.toThrow();
    db.close();
  });

  it('are gone after signing out; the name goes with forgetting', async () => {
    const { database, saved } = await logins();
    await saved.keep(login('alice'));
    await saved.drop({ username: 'alice' });
    expect(await saved.load({ username: 'alice' })).toBeUndefined();
    expect(await saved.list()).toEqual([{ username: 'alice', staysSignedIn: false }]);
    expect(await dump(database)).toBe('{"key":"alice","username":"alice","usedMs":1}');
    await saved.forget({ username: 'alice' });
    expect(await dump(database)).toBe('');
  });

  it('are gone after signing out even if nothing can be written any more', async () => {
    const { database, saved } = await logins();
    await saved.keep(login('alice'));
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('The disk is full.', 'QuotaExceededError');
    });
    try {
      await saved.drop({ username: 'alice' });
    } finally {
      put.mockRestore();
    }
    expect(await dump(database)).toBe('');
  });

  it('of one account cannot pass for another’s', async () => {
    const { database, saved } = await logins();
    await saved.keep(login('alice'));
    const db = await openDB(database);
    const record = (await db.get('known', 'alice')) as object;
    await db.put('known', { ...record, key: 'mallory', username: 'mallory' });
    db.close();
    expect(await saved.load({ username: 'mallory' })).toBeUndefined();
  });
});
