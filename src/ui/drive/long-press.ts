/**
 * A finger that stays where it is. Browsers tell it differently: some by a `contextmenu`, some by
 * nothing, so it is timed here; whichever comes first counts, and the click that may follow does
 * not.
 */

const HELD_MS = 500;
/** A finger is never quite still. */
const STRAYS_PX = 10;

type Press = Pick<PointerEvent, 'clientX' | 'clientY' | 'pointerType'>;

export class LongPress {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #from: Press | undefined;
  #action: (() => void) | undefined;
  #isHeld = false;

  /** A press begins; `action` is what holding it does. */
  begin(event: Press, action: (() => void) | undefined): void {
    this.end();
    this.#isHeld = false;
    if (event.pointerType !== 'touch' || action === undefined) return;
    this.#from = event;
    this.#action = action;
    this.#timer = setTimeout(() => this.hold(), HELD_MS);
  }

  /** A finger that goes elsewhere scrolls or drags. */
  move(event: Press): void {
    if (this.#from === undefined) return;
    const dx = event.clientX - this.#from.clientX;
    const dy = event.clientY - this.#from.clientY;
    if (Math.hypot(dx, dy) > STRAYS_PX) this.end();
  }

  /** It was held long enough: by our clock or the browser's. */
  hold(): void {
    const action = this.#action;
    this.end();
    if (action === undefined) return;
    this.#isHeld = true;
    action();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#from = this.#action = undefined;
  }

  /** Whether the click that comes now belongs to what was held. */
  takesClick(): boolean {
    const isHeld = this.#isHeld;
    this.#isHeld = false;
    return isHeld;
  }

  /** The finger is still down, or has just been lifted, after it held. */
  get isHeld(): boolean {
    return this.#isHeld;
  }
}
