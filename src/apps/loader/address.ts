/**
 * What the app's addresses mean. The document's own address is real, below the frame's first
 * address; an app that names a path from the root of its host means its own root, as it would have
 * on an origin of its own (C-9 §9.1).
 */
import { FRAME_PATH } from '#lib/frames/index.ts';

/** Something of the app: a file of it, a file of the drive, or a route of the API. */
export interface Place {
  /** Below the app's first address, without a slash in front, encoded as it came. */
  readonly path: string;
  /** With `?`; empty without one. */
  readonly query: string;
  /** With `#`; empty without one. */
  readonly hash: string;
  /** Asked for from the root of the host, as files of the drive and routes are. */
  readonly isFromRoot: boolean;
}

const FRAME = new RegExp(`^(.*?/)${FRAME_PATH}[a-z-]+/([\\w-]+)/`);

export class Addresses {
  /** Absolute, ends in `/`. */
  readonly root: string;
  readonly nonce: string;
  readonly #origin: string;
  /** What leads above the app's root by `..` ends there, as it does on a host. */
  readonly #above: readonly string[];

  constructor(href: string) {
    const { protocol, host, pathname } = new URL(href);
    const [prefix = '/', scope = '/', nonce = ''] = FRAME.exec(pathname) ?? [];
    this.#origin = `${protocol}//${host}`;
    this.root = this.#origin + prefix;
    this.nonce = nonce;
    const kindFolder = prefix.slice(0, prefix.slice(0, -1).lastIndexOf('/') + 1);
    this.#above = [prefix, kindFolder, scope + FRAME_PATH];
  }

  /** What an address means, relative to another; undefined for what is not the app's. */
  placeOf(address: string, base: string = document.baseURI): Place | undefined {
    let url: URL;
    try {
      url = new URL(address, base);
    } catch {
      return undefined;
    }
    if (`${url.protocol}//${url.host}` !== this.#origin) return undefined;
    const above = this.#above.find((prefix) => url.pathname.startsWith(prefix)) ?? '/';
    const path = url.pathname.slice(above.length);
    return { path, query: url.search, hash: url.hash, isFromRoot: above === '/' };
  }

  /** The absolute address of a path below the root, encoded. */
  urlOf(path: string): string {
    return this.root + path;
  }
}

/** A path of the list, as it stands there: not encoded. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A path of the list as part of an address. */
export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
