/** Opens the menu of the files at a button, as a right-click there would. */
export function openMenuAt(event: MouseEvent & { currentTarget: HTMLElement }): void {
  event.stopPropagation();
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  event.currentTarget.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left,
      clientY: bottom,
    }),
  );
}
