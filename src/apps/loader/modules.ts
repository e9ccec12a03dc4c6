/**
 * Modules without a network. Each gets a `blob:` address; modules name each other by `app:` names,
 * which one import map in front of the document leads to these addresses, so cycles work. A module
 * that comes later, or runs in a worker where no import map holds, names the addresses themselves:
 * what it imports is made before it.
 */
import { decodedPath, encodedPath, type Addresses } from './address.ts';
import type { Files } from './files.ts';
import { IMPORT_CALL, META_CALL, readModule, rewriteModule } from './module-text.ts';
import { addressOf } from './natives.ts';

const SCRIPT_NAME = /\.m?js$/i;
const NAME = 'app:/';

/** The app's own import map. */
interface ImportMap {
  readonly imports?: Readonly<Record<string, string>>;
}

export class Modules {
  readonly #files: Files;
  readonly #addresses: Addresses;
  /** Addresses by path, for modules that the import map names. */
  readonly #mapped = new Map<string, string>();
  /** Addresses of later modules of the document. */
  readonly #later = new Map<string, Promise<string>>();
  readonly #metas = new Map<string, object>();
  #appMap: ImportMap = {};
  #mapBase = '';

  constructor(files: Files, addresses: Addresses) {
    this.#files = files;
    this.#addresses = addresses;
  }

  /** The app's own import map, and the address it stands at. */
  setImportMap(json: string, base: string): void {
    try {
      this.#appMap = JSON.parse(json) as ImportMap;
      this.#mapBase = base;
    } catch {
      this.#appMap = {};
    }
  }

  /** Functions that rewritten scripts call. */
  install(): void {
    const names = {
      [IMPORT_CALL]: (base: string, name: unknown) => this.#import(base, String(name)),
      [META_CALL]: (base: string) => this.#meta(base),
    };
    for (const [name, value] of Object.entries(names)) {
      Object.defineProperty(globalThis, name, { value });
    }
  }

  /** Makes an address for every module that can be reached, and those read ahead; for the map. */
  async mapAll(roots: readonly string[]): Promise<void> {
    const waiting = [...roots];
    for (const { path } of this.#files.listed()) {
      const text = SCRIPT_NAME.test(path) ? this.#files.text(path) : undefined;
      if (text !== undefined && readModule(text).isModule) waiting.push(path);
    }
    const seen = new Set<string>();
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path) || !this.#files.has(path)) continue;
      seen.add(path);
      if (!SCRIPT_NAME.test(path)) {
        const place = { path: encodedPath(path), query: '', hash: '', isFromRoot: false };
        this.#mapped.set(path, await this.#files.urlOf(place));
        continue;
      }
      const text = (await this.#files.readText(path)) ?? '';
      const { imports, laterImports } = readModule(text);
      const base = this.#addressOf(path);
      for (const name of [...imports, ...laterImports]) {
        const next = this.#pathOf(name, base);
        if (next !== undefined) waiting.push(next);
      }
      this.#mapped.set(path, this.#blob(path, this.rewrite(text, base)));
    }
  }

  /** The text of the import map. */
  importMap(): string {
    const imports = Object.fromEntries([...this.#mapped].map(([path, url]) => [nameOf(path), url]));
    // What the app's map leads elsewhere, the browser may decide.
    return JSON.stringify({ imports }).replaceAll('<', String.raw`\u003c`);
  }

  /** A module of the document, with the names that the import map knows. */
  rewrite(text: string, base: string): string {
    return rewriteModule(text, base, (name) => {
      const path = this.#pathOf(name, base);
      return path === undefined ? undefined : nameOf(path);
    });
  }

  /** A classic script: only what it imports while it runs is changed. */
  rewriteClassic(text: string, base: string): string {
    return /\bimport\s*\(/.test(text) ? rewriteModule(text, base, () => undefined) : text;
  }

  /** The address of a module by path. */
  async urlOf(path: string): Promise<string> {
    return this.#mapped.get(path) ?? this.#lateUrl(path, this.#later, []);
  }

  knownUrlOf(path: string): string | undefined {
    return this.#mapped.get(path);
  }

  /** The address of a module for a worker, with all that it imports. */
  urlForWorker(path: string, made: Map<string, Promise<string>>): Promise<string> {
    return this.#lateUrl(path, made, []);
  }

  /** The address that a worker imports. */
  async importForWorker(
    base: string,
    name: string,
    made: Map<string, Promise<string>>,
  ): Promise<string> {
    const path = this.#pathOf(name, base);
    return path === undefined ? name : this.urlForWorker(path, made);
  }

  #addressOf(path: string): string {
    return this.#addresses.urlOf(encodedPath(path));
  }

  /** What a name in a module means: the path of a file, or undefined for what is none of the app's. */
  #pathOf(name: string, base: string): string | undefined {
    const mapped = this.#byAppMap(name);
    const isAddress = /^(?:\.{0,2}\/|[a-z][a-z\d+.-]*:)/i.test(name);
    if (mapped === undefined && !isAddress) return undefined;
    const [address, from] = mapped === undefined ? [name, base] : [mapped, this.#mapBase];
    const place = this.#addresses.placeOf(address, from);
    return place && decodedPath(place.path);
  }

  #byAppMap(name: string): string | undefined {
    const { imports } = this.#appMap;
    if (typeof imports !== 'object') return undefined;
    if (Object.hasOwn(imports, name)) return imports[name];
    const folders = Object.keys(imports).filter((key) => key.endsWith('/') && name.startsWith(key));
    const [longest] = folders.sort((a, b) => b.length - a.length);
    return longest === undefined ? undefined : imports[longest] + name.slice(longest.length);
  }

  async #lateUrl(
    path: string,
    made: Map<string, Promise<string>>,
    above: readonly string[],
  ): Promise<string> {
    if (above.includes(path)) {
      throw new TypeError(`Modules that are loaded later import each other in a circle: ${path}`);
    }
    const known = made.get(path);
    if (known !== undefined) return known;
    const url = this.#makeLate(path, made, [...above, path]);
    made.set(path, url);
    url.catch(() => made.delete(path));
    return url;
  }

  async #makeLate(
    path: string,
    made: Map<string, Promise<string>>,
    above: readonly string[],
  ): Promise<string> {
    const isForDocument = made === this.#later;
    const mapped = isForDocument ? this.#mapped.get(path) : undefined;
    if (mapped !== undefined) return mapped;
    if (!SCRIPT_NAME.test(path) || !this.#files.has(path)) {
      return this.#files.urlOf({ path: encodedPath(path), query: '', hash: '', isFromRoot: false });
    }
    const text = await this.#files.readText(path);
    if (text === undefined) throw new TypeError(`This module could not be read: ${path}`);
    const base = this.#addressOf(path);
    const urls = new Map<string, string>();
    for (const name of readModule(text).imports) {
      const next = this.#pathOf(name, base);
      if (next !== undefined) urls.set(name, await this.#lateUrl(next, made, above));
    }
    return this.#blob(
      path,
      rewriteModule(text, base, (name) => urls.get(name)),
    );
  }

  #blob(path: string, text: string): string {
    return addressOf(new Blob([text], { type: 'text/javascript' }), this.#addressOf(path));
  }

  async #import(base: string, name: string): Promise<unknown> {
    const path = this.#pathOf(name, base);
    const url = path === undefined ? name : await this.urlOf(path);
    return import(/* @vite-ignore */ url);
  }

  #meta(base: string): object {
    const known = this.#metas.get(base);
    if (known !== undefined) return known;
    const resolve = (name: string): string => new URL(this.#byAppMap(name) ?? name, base).href;
    const meta = { url: base, resolve };
    this.#metas.set(base, meta);
    return meta;
  }
}

function nameOf(path: string): string {
  return NAME + encodedPath(path);
}
