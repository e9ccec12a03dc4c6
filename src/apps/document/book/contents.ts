/** The table of contents of a book, as a list of lines that are each so far indented. */
import { resolvePart } from '../archive/paths.ts';
import { allBelow, attributeOf, childOf, childrenOf } from '../archive/xml.ts';

const LINES_MAX = 5_000;
const DEPTH_MAX = 8;

export interface ContentsItem {
  readonly title: string;
  /** Path in the archive. */
  readonly path: string;
  readonly fragment: string;
  readonly depth: number;
}

/** Of a navigation document (EPUB 3.3 §7). */
export function contentsOfNav(root: Element, path: string): ContentsItem[] {
  const navs = allBelow(root, 'nav');
  const nav = navs.find((one) => attributeOf(one, 'type') === 'toc') ?? navs[0];
  const lines: ContentsItem[] = [];
  walkList(childOf(nav, 'ol'), path, 0, lines);
  return lines;
}

function walkList(
  list: Element | undefined,
  path: string,
  depth: number,
  lines: ContentsItem[],
): void {
  for (const item of childrenOf(list, 'li')) {
    const link = childOf(item, 'a');
    add(lines, path, attributeOf(link, 'href'), link?.textContent, depth);
    if (depth < DEPTH_MAX) walkList(childOf(item, 'ol'), path, depth + 1, lines);
  }
}

/** Of an NCX file (OPF 2.0.1 §2.4.1). */
export function contentsOfNcx(root: Element, path: string): ContentsItem[] {
  const lines: ContentsItem[] = [];
  walkPoints(childOf(root, 'navMap'), path, 0, lines);
  return lines;
}

function walkPoints(
  parent: Element | undefined,
  path: string,
  depth: number,
  lines: ContentsItem[],
): void {
  for (const point of childrenOf(parent, 'navPoint')) {
    const title = childOf(point, 'navLabel', 'text')?.textContent;
    add(lines, path, attributeOf(childOf(point, 'content'), 'src'), title, depth);
    if (depth < DEPTH_MAX) walkPoints(point, path, depth + 1, lines);
  }
}

function add(
  lines: ContentsItem[],
  from: string,
  reference: string | undefined,
  title: string | undefined,
  depth: number,
): void {
  const target = resolvePart(from, reference ?? '');
  if (reference === undefined || target === undefined || lines.length >= LINES_MAX) return;
  const words = (title ?? '').replaceAll(/\s+/gu, ' ').trim();
  lines.push({ title: words === '' ? target.path : words, ...target, depth });
}
