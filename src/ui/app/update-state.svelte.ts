/**
 * A newer build is ready. The watcher of the service worker calls `offer`; the person decides
 * when. Nothing is ever swapped under a running transfer: accepting waits behind that question.
 */
export class UpdateState {
  offered = $state(false);
  #apply: (() => void) | undefined;

  /** @param apply makes the new build take over and reloads the page. */
  offer(apply: () => void): void {
    this.#apply = apply;
    this.offered = true;
  }

  accept(): void {
    this.offered = false;
    this.#apply?.();
  }

  later(): void {
    this.offered = false;
  }
}
