/**
 * Keeps the keyboard where it was. When the control that has the focus goes away or is disabled, no
 * element has the focus any more. Then the control that is now in its place gets it; one that was
 * disabled for a while gets it back. Only for focus that came by the keyboard: after a press of a
 * finger no other field may open.
 */
const CONTROLS =
  'a[href], button:not(:disabled), input:not(:disabled, [type=hidden], [type=file]), ' +
  'select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

interface Held {
  readonly control: HTMLElement;
  /** Where it stands among the controls, as long as it does. */
  index: number;
  /** What has the focus in its stead while it is disabled. */
  instead?: HTMLElement | undefined;
}

/** Begins to watch what is in `container`; the answer ends it. For `{@attach}`, or an effect. */
export function keepsFocus(container: HTMLElement): () => void {
  let held: Held | undefined;
  let isOurs = false;

  const controls = (): HTMLElement[] =>
    [...container.querySelectorAll<HTMLElement>(CONTROLS)].filter((one) => one.checkVisibility());

  function remember({ target }: FocusEvent): void {
    if (isOurs) return;
    held = undefined;
    if (!(target instanceof HTMLElement && target.matches(':focus-visible'))) return;
    const index = controls().indexOf(target);
    if (index !== -1) held = { control: target, index };
  }

  function give(control: HTMLElement | null | undefined): void {
    isOurs = true;
    control?.focus();
    isOurs = false;
  }

  const observer = new MutationObserver(() => {
    if (held === undefined) return;
    const { control, instead } = held;
    const { activeElement } = document;
    const all = controls();
    const index = all.indexOf(control);
    if (index !== -1) {
      held.index = index;
      if (instead !== undefined && activeElement === instead) give(control);
      held.instead = undefined;
      return;
    }
    // A control that was just disabled has it until the next frame.
    const isNowhere = [null, document.body, control].includes(activeElement as HTMLElement | null);
    if (!isNowhere && !activeElement?.contains(container)) return;
    const next = all[Math.min(Math.max(held.index, 0), all.length - 1)];
    give(next ?? document.getElementById('main'));
    if (control.isConnected) held.instead = next;
    else held = next && { control: next, index: all.indexOf(next) };
  });

  container.addEventListener('focusin', remember);
  observer.observe(container, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    observer.disconnect();
    container.removeEventListener('focusin', remember);
  };
}
