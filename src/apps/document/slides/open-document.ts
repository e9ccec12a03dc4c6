/** Slides of an OpenDocument presentation (OpenDocument 1.3 part 3 §10). */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument } from '../archive/errors.ts';
import { Media } from '../archive/media.ts';
import { attributeOf, childOf, childrenOf, DRAWN_FRAME, parseXml } from '../archive/xml.ts';
import { heading } from '../text/nodes.ts';
import { OpenDocumentText } from '../text/open-document.ts';
import { stylesOf } from '../text/read-text.ts';
import type { Slide } from './slide.ts';

const SLIDES_MAX = 2_000;

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readOpenDocumentSlides(archive: DocumentArchive): Promise<Slide[]> {
  const content = parseXml(await archive.text('content.xml'));
  const pages = childrenOf(childOf(content, 'body', 'presentation'), 'page').slice(0, SLIDES_MAX);
  if (pages.length === 0) throw new DamagedDocument('The presentation has no slides.');
  const text = new OpenDocumentText([...(await stylesOf(archive)), content], new Media(archive));
  const slides: Slide[] = [];
  for (const page of pages) slides.push(await slideOf(page, text));
  return slides;
}

async function slideOf(page: Element, text: OpenDocumentText): Promise<Slide> {
  const frames = childrenOf(page);
  const titled = frames.find((frame) => attributeOf(frame, 'class') === 'title');
  const title = titled && childOf(titled, 'text-box')?.textContent.trim();
  const blocks: Node[] = [];
  for (const frame of frames) {
    if (frame === titled || frame.localName === 'notes') continue;
    // A shape with words has its paragraphs in itself.
    blocks.push(
      ...(await (frame.localName === DRAWN_FRAME ? text.block(frame) : text.blocks(frame))),
    );
  }
  const isEmpty = title === undefined || title === '';
  return { title: isEmpty ? undefined : heading(2, [title]), blocks };
}
