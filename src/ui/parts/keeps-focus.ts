/**
 * Keeps the keyboard where it was. When the control that has the focus goes away or is disabled, no
 * element has the focus any more. Then the control that is now in its place gets it; one that was
 * disabled for a while gets it back. Only for focus that came by the keyboard: after a press of a
 * finger no other field may open.
 */
const CONTROLS =
  'a[href], button:not(:disabled), input:not(:disabled, [type=hidden], [type=file]), ' +
  'select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/** Begins to watch what is in `container`; the answer ends it. For `{@attach}`, or an effect. */
export function keepsFocus(container: HTMLElement): () => void {
  let held: { readonly control: HTMLElement; index: number; wasDisabled: boolean } | undefined;

  const controls = (): HTMLElement[] =>
    [...container.querySelectorAll<HTMLElement>(CONTROLS)].filter((one) => one.checkVisibility());

  function remember({ target }: FocusEvent): void {
    const isByKeys = target instanceof HTMLElement && target.matches(':focus-visible');
    held = isByKeys
      ? { control: target, index: controls().indexOf(target), wasDisabled: false }
      : undefined;
  }

  const observer = new MutationObserver(() => {
    if (held === undefined) return;
    const { control } = held;
    const all = controls();
    const at = all.findIndex((one) => one === control);
    if (at !== -1) held.index = at;
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body;
    if (control.matches(':disabled')) held.wasDisabled = true;
    if (!isNowhere && !activeElement.contains(container)) return;
    if (control.isConnected) {
      if (held.wasDisabled && at !== -1) control.focus();
      return;
    }
    const next = all[Math.min(Math.max(held.index, 0), all.length - 1)];
    (next ?? document.getElementById('main'))?.focus();
  });

  container.addEventListener('focusin', remember);
  observer.observe(container, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    observer.disconnect();
    container.removeEventListener('focusin', remember);
  };
}
