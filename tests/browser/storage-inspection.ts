/**
 * What somebody who sits down at this browser could read: every database, file and cache, local and
 * session storage of the site, as the page sees them, searched for texts that should not be there.
 */
import type { Page } from '@playwright/test';

export interface StorageFindings {
  /** `place: needle` for every needle found, in UTF-8, UTF-16 or base64. */
  readonly found: readonly string[];
  /** Keys of the browser's own kind (whose bytes nobody can read) that are still kept. */
  readonly deviceKeys: number;
  /** How many bytes were searched: a search that saw nothing proves nothing. */
  readonly searchedBytes: number;
}

/** Searches everything the site has stored for `needles`. */
export function searchStorage(page: Page, needles: readonly string[]): Promise<StorageFindings> {
  return page.evaluate(search, needles);
}

/** Runs in the page, so it stands alone. */
async function search(needles: readonly string[]): Promise<StorageFindings> {
  const found = new Set<string>();
  let deviceKeys = 0;
  let searchedBytes = 0;
  const latin1 = new TextDecoder('latin1');
  const asLatin1 = (text: string): string => latin1.decode(new TextEncoder().encode(text));
  const forms = needles.map((needle) => {
    const utf8 = asLatin1(needle);
    const utf16 = [...needle].map((unit) => `${unit}\u0000`).join('');
    // The middle of a base64 text does not depend on what stands before it, for one of three shifts.
    const base64 = [0, 1, 2].map((shift) =>
      btoa(' '.repeat(shift) + utf8).slice(shift === 0 ? 0 : 4, -4),
    );
    return { needle, forms: [utf8, utf16, ...base64].filter((form) => form.length >= 8) };
  });

  function lookInto(place: string, haystack: string): void {
    searchedBytes += haystack.length;
    for (const { needle, forms: texts } of forms) {
      if (texts.some((text) => haystack.includes(text))) found.add(`${place}: ${needle}`);
    }
  }

  async function look(place: string, value: unknown): Promise<void> {
    if (typeof value === 'string') lookInto(place, asLatin1(value));
    else if (value instanceof CryptoKey) deviceKeys += 1;
    else if (value instanceof Blob) lookInto(place, latin1.decode(await value.arrayBuffer()));
    else if (value instanceof ArrayBuffer) lookInto(place, latin1.decode(value));
    else if (ArrayBuffer.isView(value)) lookInto(place, latin1.decode(value));
    else if (typeof value === 'object' && value !== null) {
      const parts = value instanceof Map ? [...value].flat() : Object.values(value);
      for (const part of parts) await look(place, part);
    }
  }

  function ended<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('failed'));
    });
  }

  for (const { name = '' } of await indexedDB.databases()) {
    const database = await ended(indexedDB.open(name));
    for (const table of database.objectStoreNames) {
      const store = (): IDBObjectStore => database.transaction(table).objectStore(table);
      for (const key of await ended(store().getAllKeys())) {
        await look(`${name}/${table} key`, key);
        await look(`${name}/${table}`, await ended(store().get(key)));
      }
    }
    database.close();
  }
  async function lookIntoFolder(folder: FileSystemDirectoryHandle): Promise<void> {
    for await (const handle of folder.values()) {
      await look('file name', handle.name);
      if (handle instanceof FileSystemDirectoryHandle) await lookIntoFolder(handle);
      else if (handle instanceof FileSystemFileHandle) await look('file', await handle.getFile());
    }
  }
  await lookIntoFolder(await navigator.storage.getDirectory());
  for (const [place, storage] of Object.entries({ localStorage, sessionStorage })) {
    await look(place, Object.entries(storage));
  }
  for (const name of await caches.keys()) {
    await look('cache', name);
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      await look(`cache ${name}`, request.url);
      await look(`cache ${name}`, await (await cache.match(request))?.arrayBuffer());
    }
  }
  await look('address', location.href);
  return { found: [...found], deviceKeys, searchedBytes };
}
