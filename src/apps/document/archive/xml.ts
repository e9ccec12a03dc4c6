/**
 * XML of documents, and looking around in it. Elements are found by their local names: the strict and
 * the older form of Office Open XML have the same names in different namespaces.
 */
import { DamagedDocument } from './errors.ts';

/**
 * The name under which elements `frame` are found: OpenDocument keeps pictures and boxes in them, but
 * the policy of the frame lets no markup with that name pass, since in HTML it makes documents.
 */
export const DRAWN_FRAME = 'drawn-frame';
const FRAME_TAG = /(<\/?(?:[\w.-]+:)?)frame(?=[\s/>])/gu;

/** Throws DamagedDocument. Entities of a document's own are refused: they can grow without bounds. */
export function parseXml(text: string): Element {
  const document = tryXml(text);
  if (document === undefined) throw new DamagedDocument('A part of the document is no XML.');
  return document.documentElement;
}

/** Undefined for what is no XML. */
export function tryXml(
  text: string,
  type: 'application/xml' | 'application/xhtml+xml' = 'application/xml',
): Document | undefined {
  if (/<!ENTITY/iu.test(text)) return undefined;
  const markup = text.replace(/^\uFEFF/u, '').replaceAll(FRAME_TAG, `$1${DRAWN_FRAME}`);
  const document = new DOMParser().parseFromString(markup, type);
  return document.getElementsByTagName('parsererror').length > 0 ? undefined : document;
}

export function childrenOf(element: Element | undefined, name?: string): Element[] {
  if (element === undefined) return [];
  const children = [...element.children];
  return name === undefined ? children : children.filter((child) => child.localName === name);
}

/** The first child of a name, or of a path of names. */
export function childOf(element: Element | undefined, ...names: string[]): Element | undefined {
  let at = element;
  for (const name of names) {
    if (at === undefined) return undefined;
    at = [...at.children].find((child) => child.localName === name);
  }
  return at;
}

/** All below with a local name, in the order of the document. */
export function allBelow(element: Element | undefined, name: string): Element[] {
  return element === undefined ? [] : [...element.getElementsByTagNameNS('*', name)];
}

/** An attribute by its local name. */
export function attributeOf(element: Element | undefined, name: string): string | undefined {
  if (element === undefined) return undefined;
  for (const attribute of element.attributes) {
    if (attribute.localName === name) return attribute.value;
  }
  return undefined;
}

/** A whole number in an attribute, held to bounds; the lower one where there is none. */
export function countOf(
  element: Element | undefined,
  name: string,
  least: number,
  most: number,
): number {
  const value = Number.parseInt(attributeOf(element, name) ?? '', 10);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
}
