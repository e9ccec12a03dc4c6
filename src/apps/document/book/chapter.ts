/** One chapter of a book as nodes that can be shown, with its style sheets. */
import type { DocumentArchive } from '../archive/document-archive.ts';
import type { Media } from '../archive/media.ts';
import { resolvePart } from '../archive/paths.ts';
import { tryXml } from '../archive/xml.ts';
import { MEDIUM, purify } from '../purify.ts';
import { styleSheet, styleText } from './style-sheet.ts';

const SHEETS_MAX = 50;

export interface Chapter {
  readonly body: HTMLElement;
  readonly sheets: readonly CSSStyleSheet[];
}

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readChapter(
  archive: DocumentArchive,
  media: Media,
  path: string,
): Promise<Chapter> {
  const text = await archive.text(path);
  // Nothing of it runs or is loaded: these documents are not shown.
  const source =
    tryXml(text, 'application/xhtml+xml') ?? new DOMParser().parseFromString(text, 'text/html');
  const body = bodyOf(source);
  await placeMedia(body, media, path);
  const sheets: CSSStyleSheet[] = [];
  for (const each of await sheetTexts(archive, media, source, path)) {
    sheets.push(styleSheet(each));
  }
  return { body, sheets };
}

/** A picture alone can be a chapter (EPUB 3.3 §5.6.2), and then is the body. */
function bodyOf(source: Document): HTMLElement {
  const inert = document.implementation.createHTMLDocument('');
  const { documentElement: root } = source;
  const from = source.body as HTMLElement | null;
  for (const node of from === null ? [root] : [...from.childNodes]) {
    inert.body.append(inert.importNode(node, true));
  }
  const body = document.createElement('body');
  body.append(purify(inert.body.innerHTML));
  for (const name of ['id', 'class', 'style']) {
    const value = from?.getAttribute(name) ?? '';
    if (value !== '') body.setAttribute(name, value);
  }
  body.lang = from?.lang || root.getAttribute('lang') || root.getAttribute('xml:lang') || '';
  body.dir = from?.dir || (root.getAttribute('dir') ?? '');
  return body;
}

async function placeMedia(body: HTMLElement, media: Media, path: string): Promise<void> {
  for (const element of body.querySelectorAll(`[${MEDIUM}]`)) {
    const reference = element.getAttribute(MEDIUM) ?? '';
    element.removeAttribute(MEDIUM);
    const isData = /^data:(?:image|audio|video)\//iu.test(reference);
    const target = isData ? undefined : resolvePart(path, reference);
    const address = isData ? reference : target && (await media.address(target.path));
    if (address === undefined) continue;
    element.setAttribute(element.localName === 'image' ? 'href' : 'src', address);
    if (element.matches('audio, video')) element.setAttribute('controls', '');
  }
}

async function sheetTexts(
  archive: DocumentArchive,
  media: Media,
  source: Document,
  path: string,
): Promise<string[]> {
  const texts: string[] = [];
  const elements = [...source.querySelectorAll('link[href], style')].slice(0, SHEETS_MAX);
  for (const element of elements) {
    if (element.localName === 'style') {
      texts.push(await styleText(archive, media, element.textContent, path));
      continue;
    }
    const kinds = (element.getAttribute('rel') ?? '').toLowerCase().split(/\s+/u);
    const target = resolvePart(path, element.getAttribute('href') ?? '');
    if (!kinds.includes('stylesheet') || kinds.includes('alternate')) continue;
    if (target === undefined || !archive.has(target.path)) continue;
    const text = await archive.text(target.path);
    texts.push(await styleText(archive, media, text, target.path));
  }
  return texts;
}
