/** Pictures, fonts and sounds of a document as `blob:` addresses, which is all a frame can load. */
import type { DocumentArchive } from './document-archive.ts';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  webm: 'video/webm',
  otf: 'font/otf',
  ttf: 'font/ttf',
  woff: 'font/woff',
  woff2: 'font/woff2',
};

export class Media {
  readonly #archive: DocumentArchive;
  readonly #addresses = new Map<string, Promise<string | undefined>>();

  constructor(archive: DocumentArchive) {
    this.#archive = archive;
  }

  /** The address of a part; undefined where there is none or no browser shows it. */
  address(path: string): Promise<string | undefined> {
    const known = this.#addresses.get(path);
    if (known !== undefined) return known;
    const made = this.#make(path);
    this.#addresses.set(path, made);
    return made;
  }

  async #make(path: string): Promise<string | undefined> {
    const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
    const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
    if (type === undefined || !this.#archive.has(path)) return undefined;
    try {
      return URL.createObjectURL(new Blob([await this.#archive.bytes(path)], { type }));
    } catch {
      return undefined; // a picture that is damaged or too large leaves a gap, and the rest is shown
    }
  }
}
