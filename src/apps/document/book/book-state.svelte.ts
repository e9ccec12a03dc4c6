/** Where somebody reads in a book, and how it looks. */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { Media } from '../archive/media.ts';
import { resolvePart } from '../archive/paths.ts';
import type { Book } from './book.ts';
import { readChapter, type Chapter } from './chapter.ts';
import type { ContentsItem } from './contents.ts';
import type { Paper } from './reading-styles.ts';

const SIZES = [0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6, 1.85, 2.2];

/** Where in a chapter: a share of it from 0 to 1, or an element's id. */
export type Place = { readonly share: number } | { readonly id: string };

export class BookState {
  readonly book: Book;
  readonly #archive: DocumentArchive;
  readonly #follow: (link: string) => void;
  readonly #media: Media;
  readonly #fail: (error: unknown) => void;
  /** The number of the chapter that is shown. */
  at = $state(0);
  chapter = $state.raw<Chapter>();
  /** Where to go once the chapter is laid out. */
  place = $state.raw<Place>({ share: 0 });
  page = $state(0);
  pages = $state(1);
  #size = $state(SIZES.indexOf(1));
  paper = $state<Paper>('plain');
  hasContents = $state(false);
  #wanted = 0;

  readonly size = $derived(SIZES[this.#size] ?? 1);
  readonly canGrow = $derived(this.#size < SIZES.length - 1);
  readonly canShrink = $derived(this.#size > 0);
  /** The part of the book that lies before the end of this page. */
  readonly progress = $derived.by(
    () => (this.at + (this.page + 1) / this.pages) / Math.max(1, this.book.chapters.length),
  );
  /** The line of the contents that was passed last. */
  readonly current = $derived.by(() => lineAt(this.book, this.at));

  constructor(
    book: Book,
    archive: DocumentArchive,
    follow: (link: string) => void,
    fail: (error: unknown) => void,
  ) {
    this.book = book;
    this.#archive = archive;
    this.#follow = follow;
    this.#media = new Media(archive);
    this.#fail = fail;
  }

  /** Shows a chapter; the one asked for last wins. */
  async show(at: number, place: Place): Promise<void> {
    const path = this.book.chapters[at];
    if (path === undefined) return;
    if (at === this.at && this.chapter !== undefined) {
      this.place = { ...place };
      return;
    }
    const wanted = ++this.#wanted;
    try {
      const chapter = await readChapter(this.#archive, this.#media, path);
      if (wanted !== this.#wanted) return;
      this.at = at;
      this.page = 0;
      this.place = place;
      this.chapter = chapter;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A page on or back, over the ends of chapters. @returns the page of this chapter, if it is one */
  step(by: 1 | -1): number | undefined {
    const page = this.page + by;
    if (page >= 0 && page < this.pages) return page;
    void this.show(this.at + by, { share: by > 0 ? 0 : 1 });
    return undefined;
  }

  goTo({ path, fragment }: Pick<ContentsItem, 'path' | 'fragment'>): boolean {
    const at = this.book.chapters.findIndex((one) => one.toLowerCase() === path.toLowerCase());
    if (at < 0) return false;
    void this.show(at, fragment === '' ? { share: 0 } : { id: fragment });
    return true;
  }

  /** A link in the text: to a place of this book, or to an address that the page asks about. */
  follow(link: string): void {
    const target = resolvePart(this.book.chapters[this.at] ?? '', link);
    if (target !== undefined) this.goTo(target);
    else this.#follow(link);
  }

  resize(by: 1 | -1): void {
    this.#size = Math.min(SIZES.length - 1, Math.max(0, this.#size + by));
  }
}

function lineAt({ contents, chapters }: Book, at: number): ContentsItem | undefined {
  const numbers = new Map(chapters.map((path, i) => [path.toLowerCase(), i]));
  return contents.findLast(({ path }) => (numbers.get(path.toLowerCase()) ?? Infinity) <= at);
}
