/**
 * Keeps the keyboard where it was. When the control that has the focus goes away, or is disabled, the
 * focus falls to the page, and Tab begins at its top again. Then the control that stands in its place
 * takes the focus. Only for who uses the keyboard: a press of a finger must not open another field.
 */
const CONTROLS =
  'a[href], button:not(:disabled), input:not(:disabled, [type=hidden], [type=file]), ' +
  'select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/** Begins to watch what is in `container`; the answer ends it. For `{@attach}`, or an effect. */
export function keepsFocus(container: HTMLElement): () => void {
  let held: { readonly control: Element; index: number } | undefined;

  const controls = (): HTMLElement[] =>
    [...container.querySelectorAll<HTMLElement>(CONTROLS)].filter((one) => one.checkVisibility());

  function remember({ target }: FocusEvent): void {
    const isByKeys = target instanceof HTMLElement && target.matches(':focus-visible');
    held = isByKeys ? { control: target, index: controls().indexOf(target) } : undefined;
  }

  const observer = new MutationObserver(() => {
    if (held === undefined) return;
    const { control } = held;
    const all = controls();
    const at = all.findIndex((one) => one === control);
    if (at !== -1) held.index = at;
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body;
    const isGone = !control.isConnected || control.matches(':disabled');
    if (!isGone || !(isNowhere || activeElement.contains(container))) return;
    const next = all[Math.min(Math.max(held.index, 0), all.length - 1)];
    (next ?? document.getElementById('main'))?.focus({ preventScroll: next === undefined });
  });

  container.addEventListener('focusin', remember);
  observer.observe(container, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    observer.disconnect();
    container.removeEventListener('focusin', remember);
  };
}
