/** The part of the viewer that shows books. */
import { mount } from 'svelte';
import type { DocumentArchive } from '../archive/document-archive.ts';
import { readBook } from '../book/book.ts';
import { BookState } from '../book/book-state.svelte.ts';
import BookView from '../book/BookView.svelte';
import type { Opened } from '../opened.ts';

export async function openBook(archive: DocumentArchive): Promise<Opened> {
  const book = await readBook(archive);
  return {
    mountIn(target, { follow, fail }) {
      const state = new BookState(book, archive, follow, fail);
      mount(BookView, { target, props: { state } });
    },
  };
}
