/** The calls of an app's frame to the engine, answered from memory (C-9 §9.4). */
import type { appDataCalls } from '#lib/frames/index.ts';
import type { Handlers } from '#lib/rpc/index.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  wasm: 'application/wasm',
  woff2: 'font/woff2',
  wav: 'audio/wav',
};
const WHOLE_BODY_BYTES = 5 * 1024 * 1024;
const API = 'peergos-api/v0/';

type Headers = readonly (readonly [string, string])[];
interface Answer {
  readonly status: number;
  readonly headers?: Headers;
  readonly body?: Uint8Array;
}
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body?: Uint8Array | undefined;
}

export class MemoryBroker {
  readonly assets = new Map<string, Uint8Array>();
  /** `/me/.apps/<app>/data/`. */
  readonly data = new Map<string, Uint8Array>();
  /** Files of the drive that the app may reach: the opened one, and those that were picked. */
  readonly drive = new Map<string, Uint8Array>();
  readonly saved = new Map<string, Uint8Array>();
  /** What was asked, as `GET index.html`. */
  readonly requests: string[] = [];
  storage: string | undefined;
  #bodies = new Map<string, Uint8Array>();
  #lastBody = 0;

  readonly handlers: Handlers<typeof appDataCalls> = {
    list: async () =>
      [...this.assets].map(([path, { length }]) => ({
        path,
        sizeBytes: length,
        type: typeOf(path),
      })),
    request: async (_context, request) => {
      this.requests.push(`${request.method} ${request.path}${request.query}`);
      const { status, headers = [], body = new Uint8Array() } = this.#answer(request);
      const sizeBytes = body.length;
      if (sizeBytes <= WHOLE_BODY_BYTES) return { status, headers, sizeBytes, body: body.slice() };
      const bodyId = `body ${String(++this.#lastBody)}`;
      this.#bodies.set(bodyId, body);
      return { status, headers, sizeBytes, bodyId };
    },
    readBody: async (_context, id, start, end) => {
      const body = this.#bodies.get(id);
      if (body === undefined) throw new Error('There is no such body.');
      return body.slice(start, end);
    },
    releaseBody: async (_context, id) => void this.#bodies.delete(id),
    writeStorage: async (_context, bytes) => {
      this.storage = new TextDecoder().decode(bytes);
    },
  };

  #answer(request: Asked): Answer {
    const path = decoded(request.path);
    if (path.startsWith(API)) return this.#api(path.slice(API.length), request);
    const file = this.drive.get(path);
    if (file !== undefined) return this.#file(this.drive, path, request);
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 400 };
    return read(this.assets, path === '' || path.endsWith('/') ? `${path}index.html` : path);
  }

  #api(path: string, request: Asked): Answer {
    const slash = path.indexOf('/');
    const [route, rest] = slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
    if (route === 'data') return this.#file(this.data, rest, request);
    if (route === 'form') {
      this.data.set(rest, request.body ?? new Uint8Array());
      return { status: 200 };
    }
    if (route === 'save') {
      this.saved.set(rest, request.body ?? new Uint8Array());
      return { status: 201 };
    }
    if (route !== 'file-picker') return { status: 404 };
    this.drive.set('anna/picked.txt', new TextEncoder().encode('picked'));
    const body = new TextEncoder().encode(JSON.stringify(['/anna/picked.txt', true]));
    return { status: 200, headers: [['content-type', 'application/json']], body };
  }

  #file(files: Map<string, Uint8Array>, path: string, { method, body, headers }: Asked): Answer {
    if (method === 'GET' || method === 'HEAD') return read(files, path);
    if (method === 'DELETE') return { status: files.delete(path) ? 204 : 404 };
    const content = body ?? new Uint8Array();
    if (method === 'PUT') {
      const isNew = !files.has(path);
      files.set(path, content);
      return { status: isNew ? 201 : 200, headers: isNew ? [['location', path]] : [] };
    }
    if (method === 'PATCH' && headers.some(([name]) => name === 'x-update-range')) {
      const old = files.get(path) ?? new Uint8Array();
      const longer = new Uint8Array(old.length + content.length);
      longer.set(old);
      longer.set(content, old.length);
      files.set(path, longer);
      return { status: 204, headers: [['content-location', path]] };
    }
    if (method !== 'POST') return { status: 400 };
    const created = `${path}/${crypto.randomUUID()}`;
    files.set(created, content);
    return { status: 201, headers: [['location', created]] };
  }
}

function read(files: ReadonlyMap<string, Uint8Array>, path: string): Answer {
  const body = files.get(path);
  if (body === undefined) return { status: 404 };
  return { status: 200, headers: [['content-type', typeOf(path)]], body };
}

function typeOf(path: string): string {
  return TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
