/** The part of the viewer that shows presentations. */
import { mount } from 'svelte';
import type { DocumentArchive } from '../archive/document-archive.ts';
import type { Opened } from '../opened.ts';
import { readOpenDocumentSlides } from '../slides/open-document.ts';
import { readOpenXmlSlides } from '../slides/open-xml.ts';
import SlidesView from '../slides/SlidesView.svelte';

/** @param main part of Office Open XML; undefined for OpenDocument */
export async function openSlides(
  archive: DocumentArchive,
  main: string | undefined,
): Promise<Opened> {
  const slides = await (main === undefined
    ? readOpenDocumentSlides(archive)
    : readOpenXmlSlides(archive, main));
  return {
    mountIn: (target, { follow }) => void mount(SlidesView, { target, props: { slides, follow } }),
  };
}
