/**
 * The little XML that object stores answer with, and that is sent to them: elements, text and the
 * predefined entities. What a service has no reason to send (a document type, and with it other
 * entities) is refused, as is anything that is not well-formed. The answer is hostile input.
 */
import { StoreUnavailable } from '../types.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** The text directly within, without that of the children. */
  readonly text: string;
}

const MAX_DEPTH = 16;

/** A tag, a comment, a declaration, a CDATA section, or text. */
const TOKEN =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[(?<cdata>[^]*?)\]\]>|<(?<close>\/?)(?<name>[A-Za-z_][\w.:-]*)(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>|(?<text>[^<]+)/y;

/** The element that a document consists of. Throws {@link StoreUnavailable}. */
export function parseXml(document: string): XmlElement {
  const root = { name: '', children: [] as XmlElement[], text: '' };
  const open = [root];
  const pattern = new RegExp(TOKEN);
  pattern.lastIndex = document.startsWith('\ufeff') ? 1 : 0;
  while (pattern.lastIndex < document.length) {
    const token = pattern.exec(document)?.groups;
    const inner = open.at(-1);
    if (token === undefined || inner === undefined) throw malformed();
    const { cdata, name, text, close, empty } = token;
    if (text !== undefined || cdata !== undefined) {
      inner.text += cdata ?? withoutEntities(text ?? '');
    } else if (name !== undefined && close === '/') {
      if (open.length === 1 || open.pop()?.name !== name || empty === '/') throw malformed();
    } else if (name !== undefined) {
      const element = { name, children: [], text: '' };
      inner.children.push(element);
      if (empty !== '/') open.push(element);
      if (open.length > MAX_DEPTH) throw malformed();
    }
  }
  const [element] = root.children;
  if (element === undefined || root.children.length > 1 || open.length > 1) throw malformed();
  if (root.text.trim() !== '') throw malformed();
  return element;
}

/** The text of the first child of that name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** Text that can stand between tags. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

const ENTITIES = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function withoutEntities(text: string): string {
  return text.replace(/&([^;]{0,12});?/g, (_, name: string) => {
    const number = /^#(?:x(?<hex>[0-9a-fA-F]{1,6})|(?<decimal>[0-9]{1,7}))$/.exec(name)?.groups;
    if (number === undefined) {
      const character = ENTITIES.get(name);
      if (character === undefined) throw malformed();
      return character;
    }
    const code = parseInt(number['hex'] ?? number['decimal'] ?? '', number['hex'] ? 16 : 10);
    if (code > 0x10ffff) throw malformed();
    return String.fromCodePoint(code);
  });
}

function malformed(): StoreUnavailable {
  return new StoreUnavailable('The object store answered with something that is not XML.');
}
