/** The part of the viewer that shows Word documents. */
import { mount } from 'svelte';
import type { DocumentArchive } from '../archive/document-archive.ts';
import type { Opened } from '../opened.ts';
import { readWord } from '../word/read-word.ts';
import WordView from '../word/WordView.svelte';

export async function openWord(archive: DocumentArchive): Promise<Opened> {
  const word = await readWord(archive);
  return {
    mountIn: (target, { follow }) => void mount(WordView, { target, props: { word, follow } }),
  };
}
