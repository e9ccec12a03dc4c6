/** Slides of a PowerPoint presentation: titles, lists, tables and pictures in order (ECMA-376 §19, §20). */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument } from '../archive/errors.ts';
import { Media } from '../archive/media.ts';
import { relationsOf, type Relation } from '../archive/relations.ts';
import { allBelow, attributeOf, childOf, childrenOf, countOf, parseXml } from '../archive/xml.ts';
import { heading, link, node, picture, withLook, type Look } from '../text/nodes.ts';
import type { Slide } from './slide.ts';

const SLIDES_MAX = 2_000;
const DEPTH_MAX = 20;
const SPAN_MAX = 100;

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readOpenXmlSlides(archive: DocumentArchive, path: string): Promise<Slide[]> {
  const root = parseXml(await archive.text(path));
  const relations = await relationsOf(archive, path);
  const media = new Media(archive);
  const ids = childrenOf(childOf(root, 'sldIdLst'), 'sldId').slice(0, SLIDES_MAX);
  const slides: Slide[] = [];
  for (const id of ids) {
    // Its own number is an `id`, too, without a namespace.
    const target = relations.get(relationId(id))?.target;
    if (target === undefined || !archive.has(target)) continue;
    const slide = parseXml(await archive.text(target));
    if (attributeOf(slide, 'show') === '0') continue;
    slides.push(await new SlideReader(media, await relationsOf(archive, target)).read(slide));
  }
  if (slides.length === 0) throw new DamagedDocument('The presentation has no slides.');
  return slides;
}

function relationId(element: Element): string {
  return [...element.attributes].find(({ name }) => name.endsWith(':id'))?.value ?? '';
}

class SlideReader {
  readonly #media: Media;
  readonly #relations: ReadonlyMap<string, Relation>;

  constructor(media: Media, relations: ReadonlyMap<string, Relation>) {
    this.#media = media;
    this.#relations = relations;
  }

  async read(slide: Element): Promise<Slide> {
    const blocks = await this.#shapes(childOf(slide, 'cSld', 'spTree'), 0);
    const isTitle = (block: Node): boolean => block.nodeName === 'H2';
    const title = blocks.find(isTitle);
    return { title, blocks: blocks.filter((block) => block !== title) };
  }

  async #shapes(tree: Element | undefined, depth: number): Promise<Node[]> {
    const made: Node[] = [];
    for (const shape of depth > DEPTH_MAX ? [] : childrenOf(tree)) {
      if (shape.localName === 'sp') made.push(...this.#text(shape));
      else if (shape.localName === 'pic') made.push(...(await this.#picture(shape)));
      else if (shape.localName === 'grpSp') made.push(...(await this.#shapes(shape, depth + 1)));
      else if (shape.localName === 'graphicFrame') made.push(...this.#table(shape));
    }
    return made;
  }

  #text(shape: Element): Node[] {
    const place = childOf(shape, 'nvSpPr', 'nvPr', 'ph');
    const kind = attributeOf(place, 'type') ?? (place === undefined ? 'box' : 'body');
    if (['dt', 'ftr', 'sldNum', 'hdr'].includes(kind)) return [];
    const paragraphs = childrenOf(childOf(shape, 'txBody'), 'p').filter(
      (paragraph) => allBelow(paragraph, 't').length > 0,
    );
    if (paragraphs.length === 0) return [];
    if (kind === 'title' || kind === 'ctrTitle') {
      const lines = paragraphs.flatMap((each, i) => [
        ...(i > 0 ? [node('br')] : []),
        ...this.#runs(each),
      ]);
      return [heading(2, lines)];
    }
    return kind === 'body'
      ? listed(paragraphs.map((each) => this.#line(each)))
      : this.#plain(paragraphs);
  }

  #plain(paragraphs: readonly Element[]): Node[] {
    const lines = paragraphs.map((each) => this.#line(each));
    const isList = paragraphs.some((each) => childOf(each, 'pPr', 'buChar') !== undefined);
    return isList ? listed(lines) : lines.map(({ children }) => node('p', children));
  }

  #line(paragraph: Element): Line {
    const properties = childOf(paragraph, 'pPr');
    const isBullet = childOf(properties, 'buNone') === undefined;
    return { level: countOf(properties, 'lvl', 0, 8), isBullet, children: this.#runs(paragraph) };
  }

  #runs(paragraph: Element): Node[] {
    return childrenOf(paragraph).flatMap((run) => {
      if (run.localName === 'br') return [node('br')];
      if (run.localName !== 'r' && run.localName !== 'fld') return [];
      const properties = childOf(run, 'rPr');
      const look: Look = {
        bold: attributeOf(properties, 'b') === '1',
        italic: attributeOf(properties, 'i') === '1',
        underline: !['none', undefined].includes(attributeOf(properties, 'u')),
        strike: !['noStrike', undefined].includes(attributeOf(properties, 'strike')),
      };
      const text = withLook(node('span', [childOf(run, 't')?.textContent ?? '']), look);
      const click = childOf(properties, 'hlinkClick');
      const target = click && this.#relations.get(relationId(click));
      return [target?.isOutside === true ? link(target.target, [text]) : text];
    });
  }

  async #picture(shape: Element): Promise<Node[]> {
    const embed = attributeOf(childOf(shape, 'blipFill', 'blip'), 'embed') ?? '';
    const target = this.#relations.get(embed);
    if (target === undefined || target.isOutside) return [];
    const address = await this.#media.address(target.target);
    const words = attributeOf(childOf(shape, 'nvPicPr', 'cNvPr'), 'descr') ?? '';
    return address === undefined ? [] : [node('figure', [picture(address, words)])];
  }

  #table(frame: Element): Node[] {
    const table = childOf(frame, 'graphic', 'graphicData', 'tbl');
    if (table === undefined) return [];
    const rows = childrenOf(table, 'tr').map((row) =>
      node(
        'tr',
        childrenOf(row, 'tc')
          .filter((cell) => !['hMerge', 'vMerge'].some((name) => attributeOf(cell, name) === '1'))
          .map((cell) => this.#cell(cell)),
      ),
    );
    return [node('table', [node('tbody', rows)])];
  }

  #cell(cell: Element): Node {
    const paragraphs = childrenOf(childOf(cell, 'txBody'), 'p');
    const made = node(
      'td',
      paragraphs.map((each) => node('p', this.#runs(each))),
    ) as HTMLTableCellElement;
    made.colSpan = countOf(cell, 'gridSpan', 1, SPAN_MAX);
    made.rowSpan = countOf(cell, 'rowSpan', 1, SPAN_MAX);
    return made;
  }
}

interface Line {
  readonly level: number;
  readonly isBullet: boolean;
  readonly children: readonly Node[];
}

/** Lines with levels as lists in lists; lines without a bullet stand between them. */
function listed(lines: readonly Line[]): Node[] {
  const made: Node[] = [];
  let open: HTMLElement[] = [];
  for (const { level, isBullet, children } of lines) {
    if (!isBullet) {
      made.push(node('p', children));
      open = [];
      continue;
    }
    // A list that begins further in begins at the first level that there is.
    const depth = Math.min(level, open.length);
    open = open.slice(0, depth + 1);
    let list = open[depth];
    if (list === undefined) {
      list = node('ul');
      const parent = open[depth - 1]?.lastElementChild ?? undefined;
      if (parent === undefined) made.push(list);
      else parent.append(list);
      open.push(list);
    }
    list.append(node('li', children));
  }
  return made;
}
