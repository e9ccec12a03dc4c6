/**
 * The app itself, offline: one cache per build, filled before the build may serve anything.
 *
 * Invariants: a page and everything it loads come from the same build; a new build waits until the
 * person accepts it; requests that are none of ours go to the network untouched.
 */

const CACHE_PREFIX = 'pyrgos-shell-';

/** Added to whatever policy the host sends: several hold at once. */
const PAGE_POLICY = "frame-ancestors 'self'";

/** Headers the static host may be unable to send; they hold from the second load on. */
const PAGE_HEADERS: readonly (readonly [string, string])[] = [
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Permissions-Policy', 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()'],
];

/**
 * A worker has the policy of its own script and none of the page's. Ours may ask the servers that
 * accounts live on, and their object stores, which nobody can list here; nothing else.
 */
const SCRIPT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:* http://*.localhost:*";

const BELOW_LINK = /^secret\/[A-Za-z0-9]+\/(?:\d+\/)?/u;

export interface ShellDeps {
  /** Names the build; part of the cache's name. */
  readonly version: string;
  /** Absolute URL of the folder the site lies in, ending in `/`. */
  readonly scope: string;
  /** Paths of the files the app begins with, relative to the scope. */
  readonly paths: readonly string[];
  /** Paths of files that are kept when they are first used, or when there is time: viewers. */
  readonly laterPaths?: readonly string[];
  /** Paths of files that are kept when they are first used, and never before. */
  readonly rarePaths?: readonly string[];
  readonly caches: CacheStorage;
}

export class Shell {
  readonly #deps: ShellDeps;
  #laterUrls: ReadonlySet<string> | undefined;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
  }

  /** Fetches the whole build into its cache; fails as a whole if a file is missing. */
  async install(): Promise<void> {
    const cache = await this.#deps.caches.open(this.#cacheName());
    const urls = new Set(this.#deps.paths.map((path) => this.#url(path)));
    await cache.addAll([...urls].map((url) => new Request(url, { cache: 'reload' })));
  }

  /** Fetches what is not kept yet, file by file; a failure ends it until the next time. */
  async keepLater(): Promise<void> {
    const cache = await this.#deps.caches.open(this.#cacheName());
    for (const path of this.#deps.laterPaths ?? []) {
      const url = this.#url(path);
      if ((await cache.match(url, { ignoreVary: true })) === undefined) await cache.add(url);
    }
  }

  /** Drops the caches of other builds. Another place under the same host keeps its own. */
  async activate(): Promise<void> {
    const names = await this.#deps.caches.keys();
    const prefix = this.#cacheName('');
    const stale = names.filter((name) => {
      const version = name.slice(prefix.length);
      const isOurs = name.startsWith(prefix) && !version.includes('/');
      return isOurs && version !== this.#deps.version;
    });
    await Promise.all(stale.map((name) => this.#deps.caches.delete(name)));
  }

  /** The build's answer to a request, or undefined when the request is not for the build. */
  async answer(request: Request): Promise<Response | undefined> {
    if (request.method !== 'GET' || !request.url.startsWith(this.#deps.scope)) return undefined;
    const cache = await this.#deps.caches.open(this.#cacheName());
    const url = new URL(request.url);
    const fileUrl = this.#fileUrl(url);
    const kept = await cache.match(fileUrl, { ignoreVary: true });
    const found = kept ?? (await this.#fetchLater(cache, fileUrl));
    if (request.mode !== 'navigate') {
      const file = found && withScriptPolicy(found, url.pathname);
      return fileUrl === url.origin + url.pathname ? file : file && withoutUrl(file);
    }
    const page = found ?? (await cache.match(this.#url('')));
    return page === undefined ? undefined : withPageHeaders(page);
  }

  /** A file that is kept from its first use on. */
  async #fetchLater(cache: Cache, url: string): Promise<Response | undefined> {
    const { laterPaths = [], rarePaths = [] } = this.#deps;
    this.#laterUrls ??= new Set([...laterPaths, ...rarePaths].map((path) => this.#url(path)));
    if (!this.#laterUrls.has(url)) return undefined;
    await cache.add(url);
    return cache.match(url, { ignoreVary: true });
  }

  #cacheName(version: string = this.#deps.version): string {
    return `${CACHE_PREFIX}${this.#deps.scope}-${version}`;
  }

  /** Where a file lies: on the page of a secret link the relative addresses lead below that link. */
  #fileUrl({ origin, pathname }: URL): string {
    const { scope } = this.#deps;
    const path = (origin + pathname).slice(scope.length);
    return scope + path.replace(BELOW_LINK, '');
  }

  #url(path: string): string {
    return new URL(path.replace(/^\/+/, ''), this.#deps.scope).href;
  }
}

/** A copy of a cached page with our headers; redirected answers may not serve a navigation. */
function withPageHeaders(page: Response): Response {
  const headers = new Headers(page.headers);
  headers.append('Content-Security-Policy', PAGE_POLICY);
  // In place of the host's: some of these, given twice, count as not given.
  for (const [name, value] of PAGE_HEADERS) headers.set(name, value);
  return new Response(page.body, { status: 200, headers });
}

/**
 * A module imports from where its answer says it is, and the page may have some of them from below its
 * link already: without an address the answer has that of the request.
 */
function withoutUrl(file: Response): Response {
  return new Response(file.body, { status: 200, headers: file.headers });
}

/** Our own server sends one already, made of the page's. */
function withScriptPolicy(file: Response, pathname: string): Response {
  if (!pathname.endsWith('.js') || file.headers.has('Content-Security-Policy')) return file;
  const headers = new Headers(file.headers);
  headers.set('Content-Security-Policy', SCRIPT_POLICY);
  return new Response(file.body, { status: 200, headers });
}
