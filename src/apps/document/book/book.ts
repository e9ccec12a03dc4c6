/**
 * The package of an EPUB: its chapters in reading order and its table of contents (EPUB 3.3 §5, and
 * the NCX of EPUB 2).
 */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument, DocumentProtected } from '../archive/errors.ts';
import { resolvePart } from '../archive/paths.ts';
import { allBelow, attributeOf, childOf, childrenOf, parseXml } from '../archive/xml.ts';
import { contentsOfNav, contentsOfNcx, type ContentsItem } from './contents.ts';

const CHAPTERS_MAX = 5_000;

export interface Book {
  readonly title: string;
  readonly authors: string;
  readonly language: string;
  /** Pages turn from right to left. */
  readonly isRightToLeft: boolean;
  /** Paths in the archive, in reading order. */
  readonly chapters: readonly string[];
  readonly contents: readonly ContentsItem[];
  /** Parts that are disguised (fonts, mostly), which are left out. */
  readonly disguised: ReadonlySet<string>;
}

/** Throws DamagedDocument, DocumentProtected, DocumentTooLarge. */
export async function readBook(archive: DocumentArchive): Promise<Book> {
  const container = parseXml(await archive.text('META-INF/container.xml'));
  const path = attributeOf(allBelow(container, 'rootfile')[0], 'full-path');
  if (path === undefined) throw new DamagedDocument('The book does not say where it begins.');
  const root = parseXml(await archive.text(path));
  const items = itemsOf(root, path);
  const spine = childOf(root, 'spine');
  const chapters = childrenOf(spine, 'itemref')
    .slice(0, CHAPTERS_MAX)
    .map((item) => items.get(attributeOf(item, 'idref') ?? '')?.path)
    .filter((chapter) => chapter !== undefined && archive.has(chapter)) as string[];
  if (chapters.length === 0) throw new DamagedDocument('The book has no chapters.');
  const disguised = await disguisedParts(archive);
  if (chapters.some((chapter) => disguised.has(chapter.toLowerCase()))) {
    throw new DocumentProtected('The book is protected.');
  }
  const metadata = childOf(root, 'metadata');
  const word = (name: string): string[] =>
    allBelow(metadata, name).map((element) => element.textContent.trim());
  return {
    title: word('title')[0] ?? '',
    authors: word('creator').slice(0, 5).join(', '),
    language: word('language')[0] ?? '',
    isRightToLeft: attributeOf(spine, 'page-progression-direction') === 'rtl',
    chapters,
    contents: await contentsOf(archive, items, attributeOf(spine, 'toc')),
    disguised,
  };
}

interface Item {
  readonly path: string;
  readonly properties: readonly string[];
  readonly type: string;
}

function itemsOf(root: Element, path: string): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  for (const element of childrenOf(childOf(root, 'manifest'), 'item')) {
    const found = resolvePart(path, attributeOf(element, 'href') ?? '');
    if (found === undefined) continue;
    items.set(attributeOf(element, 'id') ?? '', {
      path: found.path,
      properties: (attributeOf(element, 'properties') ?? '').split(/\s+/u),
      type: attributeOf(element, 'media-type') ?? '',
    });
  }
  return items;
}

/** A book is read without contents when those it has are damaged. */
async function contentsOf(
  archive: DocumentArchive,
  items: ReadonlyMap<string, Item>,
  toc: string | undefined,
): Promise<readonly ContentsItem[]> {
  const all = [...items.values()];
  const nav = all.find(({ properties }) => properties.includes('nav'));
  const ncx = items.get(toc ?? '') ?? all.find(({ type }) => type.includes('ncx'));
  for (const [item, read] of [
    [nav, contentsOfNav],
    [ncx, contentsOfNcx],
  ] as const) {
    if (item === undefined || !archive.has(item.path)) continue;
    try {
      const contents = read(parseXml(await archive.text(item.path)), item.path);
      if (contents.length > 0) return contents;
    } catch (error) {
      if (!(error instanceof DamagedDocument)) throw error;
    }
  }
  return [];
}

/** Parts named in `encryption.xml` (OCF 3.3 §4.2.6.3.2), in small letters. */
async function disguisedParts(archive: DocumentArchive): Promise<ReadonlySet<string>> {
  const path = 'META-INF/encryption.xml';
  if (!archive.has(path)) return new Set();
  const references = allBelow(parseXml(await archive.text(path)), 'CipherReference');
  return new Set(
    references.flatMap((element) => {
      const found = resolvePart('', attributeOf(element, 'URI') ?? '');
      return found === undefined ? [] : [found.path.toLowerCase()];
    }),
  );
}
