/** Attributes that hold addresses the browser loads by itself, and the addresses for them. */
import type { Addresses } from './address.ts';
import type { Files } from './files.ts';
import type { Modules } from './modules.ts';
import { NOT_FOUND } from './natives.ts';

/** By the name of the element, in small letters. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  img: ['src', 'srcset'],
  source: ['src', 'srcset'],
  video: ['src', 'poster'],
  audio: ['src'],
  track: ['src'],
  input: ['src'],
  script: ['src'],
  link: ['href'],
  image: ['href', 'xlink:href'],
  feimage: ['href', 'xlink:href'],
};
export const LOADING_ELEMENTS = Object.keys(ATTRIBUTES).join(',');
const OF_ITSELF = /^\s*(?:data:|blob:|about:|javascript:|#|$)/i;
/** A candidate of `srcset`: an address without blanks, and what follows it up to the comma. */
const CANDIDATE = /\s*(data:[^\s]+|[^\s,][^\s]*[^\s,]|[^\s,])(\s[^,]*)?(?:,|$)/g;

export function loadingAttributes(element: Element): readonly string[] {
  const name = element.localName.toLowerCase();
  if (name === 'link' && !isLoadedLink(element)) return [];
  return Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name]! : [];
}

export function isStyleLink(element: Element): boolean {
  return /(?:^|\s)stylesheet(?:\s|$)/i.test(element.getAttribute('rel') ?? '');
}

function isLoadedLink(element: Element): boolean {
  return isStyleLink(element) || /icon/i.test(element.getAttribute('rel') ?? '');
}

export function isModuleScript(element: Element): boolean {
  return element.localName === 'script' && element.getAttribute('type') === 'module';
}

/** Whether the browser itself answers the address, or it is none. */
export function isOfItself(value: string): boolean {
  return OF_ITSELF.test(value);
}

export class AttributeRewriter {
  readonly #files: Files;
  readonly #modules: Modules;
  readonly #addresses: Addresses;

  constructor(files: Files, modules: Modules, addresses: Addresses) {
    this.#files = files;
    this.#modules = modules;
    this.#addresses = addresses;
  }

  /** The value with addresses that load; undefined where it stays as it is. */
  async rewrite(element: Element, name: string, value: string, base?: string) {
    if (name === 'srcset') return this.#rewriteSet(value, base);
    if (isOfItself(value)) return undefined;
    const place = this.#addresses.placeOf(value, base);
    if (place === undefined) return NOT_FOUND;
    if (!isModuleScript(element)) return (await this.#files.urlOf(place)) + place.hash;
    const path = this.#files.ownPath(place);
    return path === undefined ? NOT_FOUND : this.#modules.urlOf(path);
  }

  /** The same where no question is needed: `later` is then false. */
  rewriteNow(element: Element, name: string, value: string) {
    if (name === 'srcset') return { isLater: !value.split(',').every(isOfItself) };
    if (isOfItself(value)) return { isLater: false };
    const place = this.#addresses.placeOf(value);
    if (place === undefined) return { isLater: false, url: NOT_FOUND };
    if (!isModuleScript(element)) {
      const url = this.#files.knownUrlOf(place);
      return { isLater: url === undefined, url: url && url + place.hash };
    }
    const path = this.#files.ownPath(place);
    const url = path === undefined ? NOT_FOUND : this.#modules.knownUrlOf(path);
    return { isLater: url === undefined, url };
  }

  async #rewriteSet(value: string, base?: string): Promise<string | undefined> {
    const candidates = [...value.matchAll(CANDIDATE)];
    if (candidates.every(([, address = '']) => isOfItself(address))) return undefined;
    const rewritten = candidates.map(async ([, address = '', descriptor = '']) => {
      if (isOfItself(address)) return address + descriptor;
      const place = this.#addresses.placeOf(address, base);
      const url = place === undefined ? NOT_FOUND : await this.#files.urlOf(place);
      return url + descriptor;
    });
    return (await Promise.all(rewritten)).join(', ');
  }
}
