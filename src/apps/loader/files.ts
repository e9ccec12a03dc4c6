/**
 * The files of the app: their list, the texts that are read ahead for what has to have them at once,
 * and an address for each that is used.
 */
import { decodedPath, encodedPath, type Addresses, type Place } from './address.ts';
import type { AppAnswer, EngineLink, ListedFile } from './engine-link.ts';
import { addressOf, forget, NOT_FOUND } from './natives.ts';

const TEXT_LIMIT_BYTES = 2 * 1024 * 1024;
const TEXTS_LIMIT_BYTES = 8 * 1024 * 1024;
const TEXT_NAME = /\.(?:m?js|css|html?|json|svg|xml|txt|md|csv|glsl|vert|frag|map|wat|ts|vtt)$/i;
const SCRIPT_NAME = /\.m?js$/i;
const SHEET_NAME = /\.css$/i;
/** Addresses of files that are not the app's own and may change; older ones are given up. */
const PASSING_LIMIT = 256;

/** Makes of a script's or a style sheet's text what the frame can run. */
export interface TextRewriter {
  script(text: string, path: string): string;
  sheet(text: string, path: string): Promise<string>;
}

export class Files {
  readonly #link: EngineLink;
  readonly #addresses: Addresses;
  readonly #list = new Map<string, ListedFile>();
  readonly #folders = new Set<string>();
  readonly #texts = new Map<string, string>();
  readonly #urls = new Map<string, Promise<string>>();
  readonly #known = new Map<string, string>();
  #passing: string[] = [];
  #rewriter!: TextRewriter;

  constructor(link: EngineLink, addresses: Addresses) {
    this.#link = link;
    this.#addresses = addresses;
  }

  /** Reads the list and the texts. */
  async start(rewriter: TextRewriter): Promise<void> {
    this.#rewriter = rewriter;
    for (const file of await this.#link.list()) {
      this.#list.set(file.path, file);
      const slash = file.path.indexOf('/');
      if (slash > 0) this.#folders.add(file.path.slice(0, slash));
    }
    const texts = this.listed().filter(
      ({ path, sizeBytes }) => TEXT_NAME.test(path) && sizeBytes <= TEXT_LIMIT_BYTES,
    );
    let left = TEXTS_LIMIT_BYTES;
    const chosen = texts.filter(({ sizeBytes }) => (left -= sizeBytes) >= 0);
    await Promise.all(chosen.map(({ path }) => this.#readText(path)));
  }

  listed(): ListedFile[] {
    return [...this.#list.values()];
  }

  has(path: string): boolean {
    return this.#list.has(path);
  }

  sizeOf(path: string): number | undefined {
    return this.#list.get(path)?.sizeBytes;
  }

  /** The path of one of the app's own files; undefined for all else. */
  ownPath({ path }: Place): string | undefined {
    const decoded = decodedPath(path);
    return this.#list.has(decoded) ? decoded : undefined;
  }

  /** A text that was read ahead. */
  text(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** The text of an own file; undefined if it cannot be read. */
  async readText(path: string): Promise<string | undefined> {
    const known = this.#texts.get(path);
    if (known !== undefined || !this.#list.has(path)) return known;
    const { status, body } = await this.#get(encodedPath(path));
    return status === 200 ? body.text() : undefined;
  }

  /** Whether it is certain without a question that nothing is there. */
  isAbsent(place: Place): boolean {
    if (place.isFromRoot || this.ownPath(place) !== undefined) return false;
    const [first = '', ...rest] = decodedPath(place.path).split('/');
    return rest.length === 0 || this.#folders.has(first);
  }

  /** An address that the browser loads; one that fails where nothing is there. */
  urlOf(place: Place): Promise<string> {
    const own = this.ownPath(place);
    if (own === undefined) return this.#passingUrl(place);
    const made = this.#urls.get(own) ?? this.#make(own, place);
    this.#urls.set(own, made);
    return made;
  }

  /** The same where no question is needed for it. */
  knownUrlOf(place: Place): string | undefined {
    const own = this.ownPath(place);
    if (own === undefined) return this.isAbsent(place) ? NOT_FOUND : undefined;
    const known = this.#known.get(own);
    const text = this.#texts.get(own);
    if (known !== undefined || text === undefined || SHEET_NAME.test(own)) return known;
    return this.#keep(own, SCRIPT_NAME.test(own) ? this.#rewriter.script(text, own) : text);
  }

  /** What is known of a file is read again; its old address is given up. */
  async refresh(path: string): Promise<void> {
    const old = this.#known.get(path);
    this.#known.delete(path);
    this.#urls.delete(path);
    this.#texts.delete(path);
    await this.#readText(path);
    if (old !== undefined) setTimeout(() => forget(old), 10_000);
  }

  /** Forgets the addresses of all style sheets: one of them changed. */
  forgetSheets(): void {
    for (const path of this.#urls.keys()) {
      if (!SHEET_NAME.test(path)) continue;
      this.#urls.delete(path);
      this.#known.delete(path);
    }
  }

  async #make(path: string, place: Place): Promise<string> {
    const known = this.knownUrlOf(place);
    if (known !== undefined) return known;
    const isText = SCRIPT_NAME.test(path) || SHEET_NAME.test(path);
    const text = isText ? await this.readText(path) : undefined;
    if (text !== undefined) {
      if (SCRIPT_NAME.test(path)) return this.#keep(path, this.#rewriter.script(text, path));
      return this.#keep(path, await this.#rewriter.sheet(text, path));
    }
    const { status, body } = await this.#get(place.path);
    if (status !== 200) return NOT_FOUND;
    return this.#keep(path, body.blob());
  }

  #keep(path: string, content: string | Blob): string {
    const type = typeOf(path, this.#list.get(path)?.type ?? '');
    const blob = new Blob([content], { type });
    const url = addressOf(blob, this.#addresses.urlOf(encodedPath(path)));
    this.#known.set(path, url);
    this.#urls.set(path, Promise.resolve(url));
    return url;
  }

  /** A file of the drive or an answer of the API: read anew each time. */
  async #passingUrl(place: Place): Promise<string> {
    if (this.isAbsent(place)) return NOT_FOUND;
    const { status, body } = await this.#get(place.path, place.query);
    if (status !== 200) return NOT_FOUND;
    const url = addressOf(body.blob(), this.#addresses.urlOf(place.path + place.query));
    this.#passing.push(url);
    if (this.#passing.length > PASSING_LIMIT) forget(this.#passing.shift()!);
    return url;
  }

  async #readText(path: string): Promise<void> {
    const { status, body } = await this.#get(encodedPath(path));
    if (status === 200) this.#texts.set(path, await body.text());
  }

  #get(path: string, query = ''): Promise<AppAnswer> {
    return this.#link.request({ method: 'GET', path, query, headers: [] });
  }
}

/** Scripts and sheets run only under their own type; others as the engine says. */
function typeOf(path: string, listed: string): string {
  if (SCRIPT_NAME.test(path)) return 'text/javascript';
  if (SHEET_NAME.test(path)) return 'text/css';
  return listed;
}
