/**
 * Going to another page of the app. The frame cannot go there itself: the page around it shows the
 * other page in a new frame. `location` cannot be replaced, so inline scripts name another object.
 */
import type { appPageCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';
import { decodedPath, type Addresses } from './address.ts';

const LOCATION = '__pyrgosLocation';
const CHANGES =
  /(?<![\w$.])(?:(?:window|self|document|top|parent)\s*\.\s*)?location\s*\.\s*(?:(replace|assign)\s*\(|href\s*=(?!=))/g;

/** A script whose changes of `location` go to the page around the frame. */
export function withHostNavigation(script: string): string {
  return script.replaceAll(CHANGES, (_all, method?: string) =>
    method === undefined ? `${LOCATION}.href=` : `${LOCATION}.${method}(`,
  );
}

export class Navigation {
  beforeLeaving: () => Promise<void> = () => Promise.resolve();
  readonly #page: Caller<typeof appPageCalls>;
  readonly #addresses: Addresses;
  readonly #note: (text: string) => void;

  constructor(
    page: Caller<typeof appPageCalls>,
    addresses: Addresses,
    note: (text: string) => void,
  ) {
    this.#page = page;
    this.#addresses = addresses;
    this.#note = note;
  }

  install(): void {
    const go = (address: string): void => this.go(String(address));
    const value = {
      replace: go,
      assign: go,
      get href() {
        return location.href;
      },
      set href(address: string) {
        go(address);
      },
    };
    Object.defineProperty(globalThis, LOCATION, { value });
  }

  /** Whether an address leads to another part of the page that is shown. */
  isHere(address: string): boolean {
    const url = new URL(address, document.baseURI);
    return url.hash !== '' && url.href.split('#')[0] === location.href.split('#')[0];
  }

  go(address: string): void {
    if (this.isHere(address)) {
      location.hash = new URL(address, document.baseURI).hash;
      return;
    }
    const place = this.#addresses.placeOf(address);
    if (place === undefined) {
      this.#note(`A link that leads out of the app was not followed: ${address.slice(0, 500)}`);
      return;
    }
    const { path, query, hash } = place;
    // The frame ends with it: what the app keeps is written first.
    this.beforeLeaving()
      .then(() => this.#page.call('navigate', [{ path: decodedPath(path), query, hash }]))
      .catch(() => undefined);
  }
}
