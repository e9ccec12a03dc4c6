/**
 * The app itself, offline: one cache per build, filled before the build may serve anything.
 *
 * Invariants: a page and everything it loads come from the same build; a new build waits until the
 * person accepts it; requests that are none of ours go to the network untouched.
 */

const CACHE_PREFIX = 'pyrgos-shell-';

/** Headers the static host may be unable to send; they hold from the second load on. */
const PAGE_HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', "frame-ancestors 'self'"],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Permissions-Policy', 'geolocation=(), microphone=(), payment=(), usb=()'],
];

export interface ShellDeps {
  /** Names the build; part of the cache's name. */
  readonly version: string;
  /** Absolute URL of the folder the site lies in, ending in `/`. */
  readonly scope: string;
  /** Paths of all files of the build, relative to the scope. */
  readonly paths: readonly string[];
  readonly caches: CacheStorage;
}

export class Shell {
  readonly #deps: ShellDeps;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
  }

  /** Fetches the whole build into its cache; fails as a whole if a file is missing. */
  async install(): Promise<void> {
    const cache = await this.#deps.caches.open(this.#cacheName());
    const urls = new Set(this.#deps.paths.map((path) => this.#url(path)));
    await cache.addAll([...urls].map((url) => new Request(url, { cache: 'reload' })));
  }

  /** Drops the caches of other builds. */
  async activate(): Promise<void> {
    const names = await this.#deps.caches.keys();
    const stale = names.filter(
      (name) => name.startsWith(CACHE_PREFIX) && name !== this.#cacheName(),
    );
    await Promise.all(stale.map((name) => this.#deps.caches.delete(name)));
  }

  /** The build's answer to a request, or undefined when the request is not for the build. */
  async answer(request: Request): Promise<Response | undefined> {
    if (request.method !== 'GET' || !request.url.startsWith(this.#deps.scope)) return undefined;
    const cache = await this.#deps.caches.open(this.#cacheName());
    const url = new URL(request.url);
    const found = await cache.match(url.origin + url.pathname, { ignoreVary: true });
    if (request.mode !== 'navigate') return found;
    const page = found ?? (await cache.match(this.#url('')));
    return page === undefined ? undefined : withPageHeaders(page);
  }

  #cacheName(): string {
    return `${CACHE_PREFIX}${this.#deps.scope}-${this.#deps.version}`;
  }

  #url(path: string): string {
    return new URL(path.replace(/^\/+/, ''), this.#deps.scope).href;
  }
}

/** A copy of a cached page with our headers; redirected answers may not serve a navigation. */
function withPageHeaders(page: Response): Response {
  const headers = new Headers(page.headers);
  for (const [name, value] of PAGE_HEADERS) headers.append(name, value);
  return new Response(page.body, { status: 200, headers });
}
