/** Keys that scroll a text, also while its list has not the focus; there the browser does it. */
const LINE_PX = 48;
/** Of a page, so that the eye finds the line again. */
const PAGE_SHARE = 0.9;

export function scrollKey(
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
  list: HTMLElement | null | undefined,
): (() => void) | undefined {
  if (list === null || list === undefined) return undefined;
  const page = list.clientHeight * PAGE_SHARE;
  const by =
    (top: number, left = 0) =>
    () =>
      list.scrollBy({ top, left });
  switch (key) {
    case 'ArrowDown':
      return by(LINE_PX);
    case 'ArrowUp':
      return by(-LINE_PX);
    case 'ArrowRight':
      return by(0, LINE_PX);
    case 'ArrowLeft':
      return by(0, -LINE_PX);
    case 'PageDown':
      return by(page);
    case 'PageUp':
      return by(-page);
    case ' ':
      return by(shiftKey ? -page : page);
    case 'Home':
      return () => list.scrollTo({ top: 0 });
    case 'End':
      return () => list.scrollTo({ top: list.scrollHeight });
    default:
      return undefined;
  }
}
