/** Style sheets of the app, each with the addresses that the frame can load. */
import { decodedPath, encodedPath, type Addresses } from './address.ts';
import { rewriteSheet, rewriteSheetNow } from './css.ts';
import type { Files } from './files.ts';

const EMPTY = 'data:text/css,';

export class Sheets {
  readonly #files: Files;
  readonly #addresses: Addresses;
  /** Which sheets a sheet waits for by `@import`. */
  readonly #imports = new Map<string, Set<string>>();

  constructor(files: Files, addresses: Addresses) {
    this.#files = files;
    this.#addresses = addresses;
  }

  /** The text of one of the app's own sheets. Sheets that import each other in a circle end there. */
  rewriteOwn(text: string, path: string): Promise<string> {
    this.#imports.set(path, new Set());
    return this.rewrite(text, this.#addresses.urlOf(encodedPath(path)), path);
  }

  /** The text of a sheet that lies at this address. */
  rewrite(text: string, base: string, path?: string): Promise<string> {
    return rewriteSheet(text, async (address, isImport) => {
      const place = this.#addresses.placeOf(address, base);
      if (place === undefined) return isImport ? EMPTY : undefined;
      if (isImport && path !== undefined) {
        const imported = decodedPath(place.path);
        if (this.#reaches(imported, path)) return EMPTY;
        this.#imports.get(path)?.add(imported);
      }
      return this.#files.urlOf(place);
    });
  }

  /** With what is known by now; the rest stays as it is. */
  rewriteNow(text: string, base: string): string {
    return rewriteSheetNow(text, (address) => {
      const place = this.#addresses.placeOf(address, base);
      return place && this.#files.knownUrlOf(place);
    });
  }

  #reaches(from: string, to: string, seen = new Set<string>()): boolean {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(this.#imports.get(from) ?? [])].some((next) => this.#reaches(next, to, seen));
  }
}
