/**
 * Zoom and pan of a picture: scale 1 is the picture fitted to the stage. The point under the
 * pointer stays under it, and the picture cannot be lost off an edge.
 */
const MOST = 16;
/** What one press of a key or a button does. */
export const STEP = 1.5;

export class ZoomState {
  scale = $state(1);
  x = $state(0);
  y = $state(0);
  #stage = { width: 0, height: 0 };
  readonly #pointers = new Map<number, { x: number; y: number }>();

  readonly zoomed = $derived(this.scale > 1);

  resize(width: number, height: number): void {
    this.#stage = { width, height };
    this.#hold();
  }

  fit(): void {
    this.scale = 1;
    this.x = this.y = 0;
  }

  /** @param x,y the point to hold still, from the middle of the stage. */
  zoomBy(factor: number, x = 0, y = 0): void {
    const next = Math.min(MOST, Math.max(1, this.scale * factor));
    const ratio = next / this.scale;
    this.x = x - (x - this.x) * ratio;
    this.y = y - (y - this.y) * ratio;
    this.scale = next;
    this.#hold();
  }

  panBy(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.#hold();
  }

  pointerDown(id: number, x: number, y: number): void {
    this.#pointers.set(id, { x, y });
  }

  /** One finger pans, two pinch. */
  pointerMove(id: number, x: number, y: number): void {
    const before = this.#pointers.get(id);
    if (before === undefined) return;
    const other = [...this.#pointers].find(([key]) => key !== id)?.[1];
    this.#pointers.set(id, { x, y });
    if (other === undefined) {
      this.panBy(x - before.x, y - before.y);
      return;
    }
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(x - other.x, y - other.y);
    if (was > 0) this.zoomBy(is / was, (x + other.x) / 2, (y + other.y) / 2);
  }

  pointerUp(id: number): void {
    this.#pointers.delete(id);
  }

  #hold(): void {
    const roomX = (this.#stage.width * (this.scale - 1)) / 2;
    const roomY = (this.#stage.height * (this.scale - 1)) / 2;
    this.x = Math.min(roomX, Math.max(-roomX, this.x));
    this.y = Math.min(roomY, Math.max(-roomY, this.y));
  }
}
