/** What a document is by what is in its archive, and its reader, loaded when it is needed. */
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { DocumentArchive } from './archive/document-archive.ts';
import { DamagedDocument } from './archive/errors.ts';
import { FileBytes } from './archive/file-bytes.ts';
import type { Opened } from './opened.ts';
import { relationsOf } from './archive/relations.ts';

/** Throws DamagedDocument, DocumentProtected, DocumentTooLarge. */
export async function openDocument({ file }: ViewerFrame): Promise<Opened> {
  const { sizeBytes } = await file.call('open', []);
  const archive = await DocumentArchive.open(new FileBytes(file, sizeBytes));
  if (archive.has('META-INF/container.xml') && !archive.has('content.xml')) {
    const { openBook } = await import('./parts/book.ts');
    return openBook(archive);
  }
  if (archive.has('content.xml')) return openOpenDocument(archive);
  const relations = [...(await relationsOf(archive, '')).values()];
  const main = relations.find(({ type }) => type === 'officeDocument')?.target;
  if (main === undefined || !archive.has(main)) {
    throw new DamagedDocument('The document does not say where it begins.');
  }
  return openOpenXml(archive, main);
}

async function openOpenXml(archive: DocumentArchive, main: string): Promise<Opened> {
  switch (main.split('/')[0]?.toLowerCase()) {
    case 'word': {
      const { openWord } = await import('./parts/word.ts');
      return openWord(archive);
    }
    case 'xl': {
      const { openSheets } = await import('./parts/sheets.ts');
      return openSheets(archive, main);
    }
    case 'ppt': {
      const { openSlides } = await import('./parts/slides.ts');
      return openSlides(archive, main);
    }
    default:
      throw new DamagedDocument('The document is of a kind that is not read here.');
  }
}

async function openOpenDocument(archive: DocumentArchive): Promise<Opened> {
  const type = archive.has('mimetype') ? await archive.text('mimetype') : '';
  switch (type.trim().split('.').at(-1)) {
    case 'spreadsheet': {
      const { openSheets } = await import('./parts/sheets.ts');
      return openSheets(archive, undefined);
    }
    case 'presentation': {
      const { openSlides } = await import('./parts/slides.ts');
      return openSlides(archive, undefined);
    }
    case 'text': {
      const { openText } = await import('./parts/text.ts');
      return openText(archive);
    }
    default:
      throw new DamagedDocument('The document is of a kind that is not read here.');
  }
}
