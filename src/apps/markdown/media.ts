/**
 * Pictures, sounds and films of a document. Those that lie in the drive come from the engine, by
 * their relative paths; those in the document itself (`data:`) are pictures only; all others would
 * be a request to somebody else, and are words instead.
 */
import type { fileCalls } from '#lib/frames/index.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Caller } from '#lib/rpc/index.ts';
import { MEDIUM } from './sanitize.ts';

const IN_DOCUMENT = /^data:image\/(?:png|gif|jpeg|webp|avif|bmp);base64,/iu;
const SCHEME = /^[a-z][a-z0-9+.-]*:/iu;
/** Read from the engine at once. */
const AT_ONCE = 4;

interface Loaded {
  readonly url: string;
  readonly mimeType: string;
}

export class Media {
  readonly #file: Caller<typeof fileCalls>;
  readonly #loaded = new Map<string, Promise<Loaded | undefined>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(file: Caller<typeof fileCalls>) {
    this.#file = file;
  }

  /** Puts what the elements below name into them, as it arrives. */
  fill(root: ParentNode): void {
    for (const element of root.querySelectorAll<HTMLElement>(`[${MEDIUM}]`)) {
      const address = element.getAttribute(MEDIUM) ?? '';
      element.removeAttribute(MEDIUM);
      if (IN_DOCUMENT.test(address) && element instanceof HTMLImageElement) element.src = address;
      else if (SCHEME.test(address) || address.startsWith('//')) {
        say(element, m.markdown_image_blocked());
      } else void this.#fillOne(element, pathOf(address));
    }
  }

  /** What was loaded is given back. */
  close(): void {
    for (const loaded of this.#loaded.values()) {
      void loaded.then((one) => one && URL.revokeObjectURL(one.url));
    }
    this.#loaded.clear();
  }

  async #fillOne(element: HTMLElement, path: string): Promise<void> {
    const known = this.#loaded.get(path) ?? this.#load(path);
    this.#loaded.set(path, known);
    const loaded = await known;
    if (loaded === undefined) return say(element, m.markdown_image_missing({ path }));
    const shown = elementFor(loaded.mimeType, element);
    shown.src = loaded.url;
    if (shown !== element) element.replaceWith(shown);
  }

  async #load(path: string): Promise<Loaded | undefined> {
    await this.#turn();
    try {
      const found = await this.#file.call('readBeside', [path]);
      if (found === undefined) return undefined;
      const { bytes, mimeType } = found;
      const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType });
      return { url: URL.createObjectURL(blob), mimeType };
    } catch {
      return undefined; // the words in its place say that it could not be read
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running += 1;
  }
}

/** A film that is written as a picture is a film. */
function elementFor(
  mimeType: string,
  element: HTMLElement,
): HTMLImageElement | HTMLVideoElement | HTMLAudioElement {
  const [kind] = mimeType.split('/');
  if (kind === 'image') return element instanceof HTMLImageElement ? element : new Image();
  const medium = document.createElement(kind === 'audio' ? 'audio' : 'video');
  medium.controls = true;
  medium.preload = 'metadata';
  const name = element.getAttribute('alt');
  if (name !== null) medium.setAttribute('aria-label', name);
  return medium;
}

function say(element: HTMLElement, words: string): void {
  const note = document.createElement('span');
  note.className = 'blocked';
  note.textContent = words;
  const alt = element.getAttribute('alt');
  if (alt !== null && alt !== '') note.title = alt;
  element.replaceWith(note);
}

/** A path as the drive writes it. */
function pathOf(address: string): string {
  const path = address.replace(/[?#].*$/su, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
