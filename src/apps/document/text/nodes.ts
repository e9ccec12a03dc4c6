/**
 * Elements of our own making for documents that are read here. Only these names exist, and text is
 * always text: nothing that a document says can become markup.
 */
import { LINK } from '../purify.ts';

type NodeName =
  | 'article'
  | 'section'
  | 'aside'
  | 'figure'
  | 'p'
  | 'span'
  | 'sup'
  | 'br'
  | `h${1 | 2 | 3 | 4 | 5 | 6}`
  | 'ul'
  | 'ol'
  | 'li'
  | 'table'
  | 'tbody'
  | 'tr'
  | 'td';

export interface Look {
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly align?: 'start' | 'center' | 'end' | 'justify';
}

export function node(name: NodeName, children: readonly (Node | string)[] = []): HTMLElement {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

export function picture(address: string, words: string): HTMLElement {
  const image = document.createElement('img');
  image.src = address;
  image.alt = words;
  return image;
}

/** A link that the viewer follows, never the browser. */
export function link(address: string, children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement('a');
  made.setAttribute(LINK, address);
  made.href = '#';
  made.append(...children);
  return made;
}

export function withLook<T extends HTMLElement>(element: T, look: Look): T {
  const { style } = element;
  if (look.bold === true) style.fontWeight = 'bold';
  if (look.italic === true) style.fontStyle = 'italic';
  const lines = [look.underline === true && 'underline', look.strike === true && 'line-through'];
  const decoration = lines.filter((line) => line !== false).join(' ');
  if (decoration !== '') style.textDecoration = decoration;
  if (look.align !== undefined) style.textAlign = look.align;
  return element;
}

export function heading(level: number, children: readonly (Node | string)[]): HTMLElement {
  const names = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const;
  return node(names[Math.min(6, Math.max(1, level)) - 1] ?? 'h6', children);
}
