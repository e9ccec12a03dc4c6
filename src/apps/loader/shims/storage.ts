/** `localStorage`, `sessionStorage` and cookies in memory: an opaque origin has none. */
import { STORAGE_LIMIT_BYTES } from '#lib/frames/index.ts';

const WRITE_AFTER_MS = 500;

/** Keeps what `localStorage` holds; absent where the app may not store data. */
export interface StorageKeeper {
  readonly held: Uint8Array;
  readonly write: (json: string) => Promise<void>;
  readonly note: (text: string) => void;
}

/** Returns what writes at once what is still to be kept. */
export function installStorage(keeper: StorageKeeper | undefined): () => Promise<void> {
  const local = new Map<string, string>(keeper && entriesOf(keeper));
  const { changed, flush } = keeper === undefined ? NOTHING_KEPT : writer(local, keeper);
  const areas = { localStorage: storage(local, changed), sessionStorage: storage(new Map()) };
  for (const [name, value] of Object.entries(areas)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: true });
  }
  const jar = new Map<string, string>();
  Object.defineProperty(Document.prototype, 'cookie', {
    configurable: true,
    get: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    set: (text: unknown) => {
      const [pair = '', ...rest] = String(text).split(';');
      const at = pair.indexOf('=');
      const name = pair.slice(0, Math.max(0, at)).trim();
      const age = /^\s*max-age=(-?\d+)/i.exec(rest.find((it) => /max-age/i.test(it)) ?? '')?.[1];
      const until = /^\s*expires=(.*)$/i.exec(rest.find((it) => /expires/i.test(it)) ?? '')?.[1];
      const isOver = age === undefined ? Date.parse(until ?? '') < Date.now() : Number(age) <= 0;
      if (isOver) jar.delete(name);
      else jar.set(name, pair.slice(at + 1).trim());
    },
  });
  return flush;
}

function entriesOf({ held, note }: StorageKeeper): [string, string][] {
  if (held.length === 0) return [];
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(held));
    return Object.entries(json ?? {}).map(([key, value]) => [key, String(value)]);
  } catch {
    note('What localStorage held could not be read; it begins empty.');
    return [];
  }
}

interface Writer {
  readonly changed: () => void;
  readonly flush: () => Promise<void>;
}
const NOTHING_KEPT: Writer = { changed: () => undefined, flush: () => Promise.resolve() };

/** Writes some time after a change. */
function writer(map: ReadonlyMap<string, string>, { write, note }: StorageKeeper): Writer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = async (): Promise<void> => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    await write(JSON.stringify(Object.fromEntries(map))).catch((error: unknown) =>
      note(`localStorage was not kept: ${String(error)}`),
    );
  };
  return { changed: () => void (timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS)), flush };
}

/** An object with the behaviour of `Storage`, named properties included. */
function storage(map: Map<string, string>, changed: () => void = () => undefined): Storage {
  let size = [...map].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const remove = (key: string): void => {
    const old = map.get(key);
    if (old === undefined) return;
    size -= key.length + old.length;
    map.delete(key);
    changed();
  };
  const put = (key: string, value: string): void => {
    const old = map.get(key);
    const grown = size + value.length + (old === undefined ? key.length : -old.length);
    if (grown > STORAGE_LIMIT_BYTES) {
      throw new DOMException('The storage of this app is full.', 'QuotaExceededError');
    }
    size = grown;
    map.set(key, value);
    changed();
  };
  const methods = {
    getItem: (key: unknown) => map.get(String(key)) ?? null,
    setItem: (key: unknown, value: unknown) => put(String(key), String(value)),
    removeItem: (key: unknown) => remove(String(key)),
    key: (index: number) => [...map.keys()][index] ?? null,
    clear: () => {
      for (const key of [...map.keys()]) remove(key);
    },
    get length() {
      return map.size;
    },
  };
  const target = Object.create(methods) as Storage;
  return new Proxy(target, {
    get: (_target, key) =>
      typeof key === 'string' && !(key in methods) ? map.get(key) : Reflect.get(methods, key),
    set: (_target, key, value) => {
      put(String(key), String(value));
      return true;
    },
    has: (_target, key) => map.has(String(key)) || key in methods,
    deleteProperty: (_target, key) => {
      remove(String(key));
      return true;
    },
    ownKeys: () => [...map.keys()],
    getOwnPropertyDescriptor: (_target, key) => {
      const value = map.get(String(key));
      return value === undefined
        ? undefined
        : { value, writable: true, enumerable: true, configurable: true };
    },
  });
}
