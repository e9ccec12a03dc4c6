/**
 * Where a guest is in what a link leads to. The address stays that of the link, so that it can be
 * copied and nothing else of it is written down; steps are kept with the entries of the history.
 */
import { goto } from '$app/navigation';
import { page } from '$app/state';
import type { Route } from '#lib/client/index.ts';
import type { AppRouter } from '../app/router.svelte.ts';

/** A step back takes a moment; one the browser refuses must not hold up the next route. */
const BACK_MS = 1_000;

export class GuestRouter implements AppRouter {
  #home = $state.raw<Route>({ app: 'drive', path: [] });
  /** A step shows at once; the history has the last word. */
  current = $derived<Route>(page.state.guestRoute ?? this.#home);
  /** Entries must reach the history in the order they were made. */
  #queue: Promise<void> = Promise.resolve();

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** The link is open: goes on where the page was before it was loaded anew, else to `start`. */
  enter(home: Route, start: Route): void {
    this.#home = home;
    const before = page.state.guestRoute;
    const isThere = before?.path.every(
      (name, at) => home.path[at] === undefined || home.path[at] === name,
    );
    this.current = before !== undefined && isThere === true ? before : start;
  }

  go(route: Route, { replace = false }: { replace?: boolean } = {}): void {
    this.current = route;
    this.#enqueue(() => this.#write(route, replace));
  }

  openFolder(path: readonly string[]): void {
    this.go({ app: 'drive', path });
  }

  /** Back in the history if that is where we came from. */
  leave(back: Route): void {
    this.current = back;
    this.#enqueue(async () => {
      if (this.#depth() === 0) return this.#write(back, true);
      const arrived = new Promise((resolve) => {
        window.addEventListener('popstate', resolve, { once: true });
        setTimeout(resolve, BACK_MS);
      });
      history.back();
      await arrived;
    });
  }

  /** The state of the page says where it went. */
  follow(): Promise<void> {
    return Promise.resolve();
  }

  clear(): void {
    this.current = this.#home;
  }

  async #write(route: Route, replace: boolean): Promise<void> {
    const depth = this.#depth() + (replace ? 0 : 1);
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- the page we are on
    await goto(location.href, {
      shallow: true,
      replace,
      state: { depth, guestRoute: route },
      persistState: true,
    });
  }

  #enqueue(change: () => Promise<void>): void {
    this.#queue = this.#queue.then(change).catch(() => undefined);
  }

  #depth(): number {
    return page.state.depth ?? 0;
  }
}
