/** An OpenDocument text as nodes in order. */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument } from '../archive/errors.ts';
import { Media } from '../archive/media.ts';
import { childOf, parseXml } from '../archive/xml.ts';
import { node } from './nodes.ts';
import { OpenDocumentText } from './open-document.ts';

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readText(archive: DocumentArchive): Promise<HTMLElement> {
  const content = parseXml(await archive.text('content.xml'));
  const body = childOf(content, 'body', 'text');
  if (body === undefined) throw new DamagedDocument('The document has no text.');
  const roots = [...(await stylesOf(archive)), content];
  const text = new OpenDocumentText(roots, new Media(archive));
  const blocks = await text.blocks(body);
  return node(
    'article',
    text.notes.length === 0 ? blocks : [...blocks, node('section', text.notes)],
  );
}

export async function stylesOf(archive: DocumentArchive): Promise<Element[]> {
  return archive.has('styles.xml') ? [parseXml(await archive.text('styles.xml'))] : [];
}
