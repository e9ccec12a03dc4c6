/**
 * Where a guest is in what a link leads to. The address stays that of the link, so that it can be
 * copied and nothing else of it is written down; steps are kept with the entries of the history.
 */
import { goto } from '$app/navigation';
import { page } from '$app/state';
import type { Route } from '#lib/client/index.ts';
import type { AppRouter } from '../app/router.svelte.ts';

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
    this.#queue = this.#queue
      .then(async () => {
        const depth = this.#depth() + (replace ? 0 : 1);
        // eslint-disable-next-line svelte/no-navigation-without-resolve -- the page we are on
        await goto(location.href, {
          shallow: true,
          replace,
          state: { depth, guestRoute: route },
          persistState: true,
        });
      })
      .catch(() => undefined);
  }

  openFolder(path: readonly string[]): void {
    this.go({ app: 'drive', path });
  }

  leave(back: Route): void {
    if (this.#depth() === 0) return this.go(back, { replace: true });
    this.current = back;
    history.back();
  }

  /** The state of the page says where it went. */
  follow(): Promise<void> {
    return Promise.resolve();
  }

  clear(): void {
    this.current = this.#home;
  }

  #depth(): number {
    return page.state.depth ?? 0;
  }
}
