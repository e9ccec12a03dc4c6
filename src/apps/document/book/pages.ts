/** Pages of a chapter: columns of its host, which is scrolled by whole pages. */
import type { Place } from './book-state.svelte.ts';

/** From this width on two columns stand side by side. */
const SPREAD_PX = 1_000;
const GAP_PX = 56;

export interface Layout {
  readonly columns: 1 | 2;
  readonly gap: number;
}

export function layoutFor(width: number): Layout {
  return { columns: width >= SPREAD_PX ? 2 : 1, gap: GAP_PX };
}

/** How many pages a host shows, of its width each. */
export function countPages(host: HTMLElement): number {
  const step = host.clientWidth + GAP_PX;
  // The last page of a spread may have one column.
  return Math.max(1, Math.ceil((host.scrollWidth + GAP_PX - 4) / step));
}

export function scrollToPage(host: HTMLElement, page: number, isRightToLeft: boolean): void {
  const left = page * (host.clientWidth + GAP_PX);
  host.scrollLeft = isRightToLeft ? -left : left;
}

/** The page on which a place is. */
export function pageOf(host: HTMLElement, root: ShadowRoot, place: Place, pages: number): number {
  if ('share' in place) return Math.min(pages - 1, Math.floor(place.share * pages));
  const element = root.getElementById(place.id);
  return element === null ? 0 : pageOfElement(host, element, pages);
}

export function pageOfElement(host: HTMLElement, element: Element, pages: number): number {
  const box = element.getClientRects()[0];
  if (box === undefined) return 0;
  const from = host.getBoundingClientRect();
  const isRightToLeft = getComputedStyle(host).direction === 'rtl';
  const start = isRightToLeft ? from.right - box.right : box.left - from.left;
  const page = Math.floor((start + Math.abs(host.scrollLeft) + 1) / (host.clientWidth + GAP_PX));
  return Math.min(pages - 1, Math.max(0, page));
}

const BLOCKS = 'h1, h2, h3, h4, h5, h6, p, li, img, svg, pre, td, figure, blockquote';

/** The first block that begins on the page that is shown; undefined where a long one fills it. */
export function firstOnPage(host: HTMLElement, root: ShadowRoot): Element | undefined {
  const { left, right } = host.getBoundingClientRect();
  return [...root.querySelectorAll(BLOCKS)].find((block) => {
    const box = block.getClientRects()[0];
    return box !== undefined && box.right > left + 1 && box.left >= left - 1 && box.left < right;
  });
}
