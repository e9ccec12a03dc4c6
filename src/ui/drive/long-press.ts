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
  #act: (() => void) | undefined;
  #isHeld = false;

  /** A press begins; `act` is what holding it does. */
  begin(event: Press, act: (() => void) | undefined): void {
    this.end();
    this.#isHeld = false;
    if (event.pointerType !== 'touch' || act === undefined) return;
    this.#from = event;
    this.#act = act;
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
    const act = this.#act;
    this.end();
    if (act === undefined) return;
    this.#isHeld = true;
    act();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#from = this.#act = undefined;
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
