/**
 * The bar and the controls over a picture or a film: there while a person does something, gone
 * while they only look. Whatever has the pointer, the focus of the keyboard or a menu stays.
 */
const REST_AFTER_MS = 3_000;
const IN_USE = '.chrome:hover, .chrome :focus-visible, [role="menu"], .viewer [data-keep-chrome]';

export class ChromeState {
  awake = $state(true);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A person is here; the chrome rests when nothing more comes. */
  wake(): void {
    this.awake = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), REST_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    if (document.querySelector(IN_USE) === null) this.awake = false;
    else this.wake();
  }
}
