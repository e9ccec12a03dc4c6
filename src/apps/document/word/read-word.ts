/** Word documents, drawn by `docx-preview` and cleaned after it. */
import { renderAsync } from 'docx-preview';
import { zipStream } from '#lib/zip/index.ts';
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument, DocumentTooLarge } from '../archive/errors.ts';
import { purify } from '../purify.ts';

const MIB = 1024 * 1024;
const PICTURES_MAX_BYTES = 192 * MIB;
const DAY_ONE_MS = Date.UTC(2000, 0, 1);

export interface WordPages {
  readonly pages: DocumentFragment;
  readonly sheets: readonly CSSStyleSheet[];
}

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readWord(archive: DocumentArchive): Promise<WordPages> {
  const [body, styles] = [document.createElement('div'), document.createElement('div')];
  const copy = await boundedCopy(archive);
  try {
    await renderAsync(copy, body, styles, {
      className: 'docx',
      inWrapper: false,
      ignoreLastRenderedPageBreak: false,
      renderAltChunks: false,
      useBase64URL: false,
    });
  } catch (error) {
    throw new DamagedDocument('The document cannot be read.', { cause: error });
  }
  const sheets = [...styles.querySelectorAll('style'), ...body.querySelectorAll('style')];
  return {
    pages: purify(body.innerHTML, true),
    sheets: sheets.map(({ textContent }) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(textContent);
      return sheet;
    }),
  };
}

/** The library unpacks without bounds, so it is given what was unpacked within ours. */
async function boundedCopy(archive: DocumentArchive): Promise<Blob> {
  let bytes = 0;
  const entries = async function* () {
    for (const path of archive.paths) {
      const isText = /\.(?:xml|rels)$/iu.test(path);
      // Text counts against the bound of all text; what the library does not show is left out.
      if (!isText && !/^word\/(?:media|fonts)\//iu.test(path)) continue;
      if (isText && refersToEntities(await archive.text(path))) continue;
      const content = await archive.bytes(path);
      bytes += isText ? 0 : content.length;
      if (bytes > PICTURES_MAX_BYTES) {
        throw new DocumentTooLarge('The document is too large to be shown.');
      }
      yield { path, modifiedMs: DAY_ONE_MS, content };
    }
  };
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const stream = zipStream(entries());
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(pieces);
    pieces.push(value as Uint8Array<ArrayBuffer>);
  }
}

function refersToEntities(text: string): boolean {
  return /<!(?:DOCTYPE|ENTITY)/iu.test(text);
}
