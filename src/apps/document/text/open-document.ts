/**
 * Text of OpenDocument files (OpenDocument 1.3 part 3): paragraphs, headings, lists, tables, notes and
 * pictures in order. Used for texts and for the boxes on slides.
 */
import type { Media } from '../archive/media.ts';
import { resolvePart } from '../archive/paths.ts';
import {
  allBelow,
  attributeOf,
  childOf,
  childrenOf,
  countOf,
  DRAWN_FRAME,
} from '../archive/xml.ts';
import { heading, link, node, picture, withLook, type Look } from './nodes.ts';

const DEPTH_MAX = 40;
const SPACES_MAX = 200;
const SPAN_MAX = 100;

export class OpenDocumentText {
  readonly #media: Media;
  readonly #looks: ReadonlyMap<string, Look>;
  readonly #numbered: ReadonlySet<string>;
  /** Foot- and endnotes, in the order of their marks. */
  readonly notes: HTMLElement[] = [];

  /** @param roots of `content.xml` and, where there is one, of `styles.xml` */
  constructor(roots: readonly Element[], media: Media) {
    this.#media = media;
    this.#looks = looksOf(roots);
    this.#numbered = numberedLists(roots);
  }

  /** What stands in a body, a cell, a box or a list item. */
  async blocks(parent: Element | undefined, depth = 0): Promise<Node[]> {
    const made: Node[] = [];
    for (const element of depth > DEPTH_MAX ? [] : childrenOf(parent)) {
      made.push(...(await this.block(element, depth + 1)));
    }
    return made;
  }

  /** One element of a body. */
  async block(element: Element, depth = 0): Promise<Node[]> {
    switch (element.localName) {
      case 'p':
        return [withLook(node('p', await this.#inline(element, depth)), this.#look(element))];
      case 'h': {
        const level = countOf(element, 'outline-level', 1, 6);
        return [withLook(heading(level, await this.#inline(element, depth)), this.#look(element))];
      }
      case 'list':
        return [await this.#list(element, depth)];
      case 'table':
        return [await this.#table(element, depth)];
      case DRAWN_FRAME:
        return this.#frame(element, depth);
      case 'section':
      case 'index-body':
      case 'table-of-content':
      case 'g':
      case 'text-box':
        return this.blocks(element, depth);
      default:
        return [];
    }
  }

  async #list(element: Element, depth: number): Promise<Node> {
    const isNumbered = this.#numbered.has(attributeOf(element, 'style-name') ?? '');
    const items: Node[] = [];
    for (const item of childrenOf(element)) {
      if (!/^list-(?:item|header)$/u.test(item.localName)) continue;
      items.push(node('li', await this.blocks(item, depth)));
    }
    return node(isNumbered ? 'ol' : 'ul', items);
  }

  async #table(element: Element, depth: number): Promise<Node> {
    const rows: Node[] = [];
    for (const row of allBelow(element, 'table-row')) {
      if (nearestTable(row) !== element) continue; // of a table in a cell
      const cells: Node[] = [];
      for (const cell of childrenOf(row, 'table-cell')) {
        const made = node('td', await this.blocks(cell, depth)) as HTMLTableCellElement;
        made.colSpan = countOf(cell, 'number-columns-spanned', 1, SPAN_MAX);
        made.rowSpan = countOf(cell, 'number-rows-spanned', 1, SPAN_MAX);
        cells.push(made);
      }
      rows.push(node('tr', cells));
    }
    return node('table', [node('tbody', rows)]);
  }

  async #frame(element: Element, depth: number): Promise<Node[]> {
    const box = childOf(element, 'text-box');
    if (box !== undefined) return this.blocks(box, depth);
    const table = childOf(element, 'table');
    if (table !== undefined) return [await this.#table(table, depth)];
    const words = ['title', 'desc'].map((name) => childOf(element, name)?.textContent.trim() ?? '');
    for (const image of childrenOf(element, 'image')) {
      const target = resolvePart('content.xml', attributeOf(image, 'href') ?? '');
      const address = target && (await this.#media.address(target.path));
      if (address !== undefined) return [picture(address, words.find((one) => one !== '') ?? '')];
    }
    return [];
  }

  async #inline(parent: Element, depth: number): Promise<Node[]> {
    const made: Node[] = [];
    if (depth > DEPTH_MAX) return made;
    for (const child of parent.childNodes) {
      if (child instanceof Text) made.push(new Text(child.data.replaceAll(/\s+/gu, ' ')));
      else if (child instanceof Element) made.push(...(await this.#inlineOf(child, depth + 1)));
    }
    return made;
  }

  async #inlineOf(element: Element, depth: number): Promise<Node[]> {
    switch (element.localName) {
      case 's':
        return [new Text('\u00a0'.repeat(countOf(element, 'c', 1, SPACES_MAX)))];
      case 'tab':
        return [new Text('\u2003')];
      case 'line-break':
        return [node('br')];
      case 'span':
        return [withLook(node('span', await this.#inline(element, depth)), this.#look(element))];
      case 'a':
        return [link(attributeOf(element, 'href') ?? '', await this.#inline(element, depth))];
      case 'note':
        return [await this.#note(element, depth)];
      case DRAWN_FRAME:
        return this.#frame(element, depth);
      case 'annotation':
      case 'tracked-changes':
        return [];
      default:
        return this.#inline(element, depth);
    }
  }

  async #note(element: Element, depth: number): Promise<Node> {
    const mark = childOf(element, 'note-citation')?.textContent ?? '*';
    const body = await this.blocks(childOf(element, 'note-body'), depth);
    this.notes.push(node('aside', [node('sup', [mark]), ...body]));
    return node('sup', [mark]);
  }

  #look(element: Element): Look {
    return this.#looks.get(attributeOf(element, 'style-name') ?? '') ?? {};
  }
}

function nearestTable(element: Element): Element | undefined {
  let at = element.parentElement;
  while (at !== null && at.localName !== 'table') at = at.parentElement;
  return at ?? undefined;
}

const ALIGNS: Readonly<Record<string, Look['align']>> = {
  center: 'center',
  end: 'end',
  right: 'end',
  justify: 'justify',
};

/** Looks by names of styles, what a style inherits included. */
function looksOf(roots: readonly Element[]): ReadonlyMap<string, Look> {
  const looks = new Map<string, Look>();
  const styles = roots.flatMap((root) => allBelow(root, 'style'));
  for (const style of styles) {
    const text = childOf(style, 'text-properties');
    const align = attributeOf(childOf(style, 'paragraph-properties'), 'text-align') ?? '';
    const line = (name: string): boolean => (attributeOf(text, name) ?? 'none') !== 'none';
    const known = Object.hasOwn(ALIGNS, align) ? ALIGNS[align] : undefined;
    looks.set(attributeOf(style, 'name') ?? '', {
      ...looks.get(attributeOf(style, 'parent-style-name') ?? ''),
      ...(/^(?:bold|[6-9]00)$/u.test(attributeOf(text, 'font-weight') ?? '') && { bold: true }),
      ...(attributeOf(text, 'font-style') === 'italic' && { italic: true }),
      ...(line('text-underline-style') && { underline: true }),
      ...(line('text-line-through-style') && { strike: true }),
      ...(known !== undefined && { align: known }),
    });
  }
  return looks;
}

/** Names of list styles whose first level counts. */
function numberedLists(roots: readonly Element[]): ReadonlySet<string> {
  const styles = roots.flatMap((root) => allBelow(root, 'list-style'));
  const numbered = styles.filter((style) => {
    const [first] = childrenOf(style);
    return first?.localName === 'list-level-style-number';
  });
  return new Set(numbered.map((style) => attributeOf(style, 'name') ?? ''));
}
