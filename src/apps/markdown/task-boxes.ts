/** Boxes of tasks: made here, after the document's own elements were sanitised. */

/** @param onTick absent: the text cannot be changed */
export function putBoxes(root: ParentNode, onTick: ((line: number) => void) | undefined): void {
  for (const place of root.querySelectorAll('[data-task]')) {
    const [, line = '', tick] = (place.getAttribute('data-task') ?? '').split(':');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = tick === '1';
    box.disabled = onTick === undefined;
    const item = place.closest('li');
    box.setAttribute('aria-label', item?.textContent.trim().split('\n')[0] ?? '');
    box.addEventListener('change', () => onTick?.(Number(line)));
    place.replaceWith(box);
  }
}
