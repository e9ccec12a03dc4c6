/**
 * Where the person is: a folder, a viewer, settings. Each route is sealed by the client into the
 * URL fragment, so that back, forward and reload work while the address bar, the history and a
 * bookmark say nothing about names. A fragment is input from anywhere: one that does not open
 * leads home.
 */
import { goto } from '$app/navigation';
import { page } from '$app/state';
import type { Client, Route } from '#lib/client/index.ts';
import { inviterIn } from '../people/invitation.ts';
import { isScreen } from './screen-names.ts';

/** A step back takes a moment; one the browser refuses must not hold up the next route. */
const BACK_MS = 1_000;

/** What screens ask of a router. */
export type AppRouter = Pick<
  Router,
  'current' | 'start' | 'go' | 'openFolder' | 'leave' | 'follow' | 'clear'
>;

export class Router {
  current = $state.raw<Route>({ app: 'drive', path: [] });
  readonly #client: Client;
  #home: Route = { app: 'drive', path: [] };
  /** Sealing is asynchronous; entries must reach the history in the order they were made. */
  #queue: Promise<void> = Promise.resolve();
  /** Where `leave` went, until the history has come there. */
  #left: Route | undefined;
  /** What {@link clear} took out of the address, or is about to: it leads nowhere any more. */
  #cleared: string | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Opens what the fragment holds; call once after sign-in. */
  async start(username: string): Promise<void> {
    this.#home = { app: 'drive', path: [username] };
    const fragment = location.hash.slice(1);
    this.current = fragment === this.#cleared ? this.#home : await this.#open(fragment);
    this.#cleared = undefined;
    this.go(this.current, { replace: true });
  }

  /** Goes to a route. `replace` changes the present history entry instead of adding one. */
  go(to: Route, options: { replace?: boolean } = {}): void {
    const route = this.#whole(to);
    this.current = route;
    this.#enqueue(async () => {
      const depth = this.#depth() + (options.replace === true ? 0 : 1);
      const url = `#${await this.#client.sealRoute(route)}`;
      // eslint-disable-next-line svelte/no-navigation-without-resolve -- only the fragment changes
      await goto(url, {
        shallow: true,
        replace: options.replace === true,
        state: { depth },
        persistState: true,
      });
    });
  }

  openFolder(path: readonly string[]): void {
    this.go({ app: 'drive', path });
  }

  /**
   * Out of a viewer to its folder: back in the history if that is where we came from. The screen is
   * there at once, for the next key is for it; the history follows, and has the last word.
   */
  leave(back: Route): void {
    const to = this.#whole(back);
    if (this.#depth() === 0) return this.go(to, { replace: true });
    this.current = to;
    this.#left = to;
    this.#enqueue(async () => {
      const arrived = new Promise((resolve) => {
        window.addEventListener('popstate', resolve, { once: true });
        setTimeout(resolve, BACK_MS);
      });
      history.back();
      await arrived;
    });
  }

  /** The history moved, or somebody wrote another fragment. */
  async follow(): Promise<void> {
    const before = this.#left ?? this.current;
    this.#left = undefined;
    const fragment = location.hash.slice(1);
    const route = await this.#open(fragment);
    // If the user opened another route meanwhile, it stays.
    if (this.current !== before || location.hash.slice(1) !== fragment) return;
    if (inviterIn(fragment) === undefined) this.current = route;
    else this.go(route, { replace: true });
  }

  /** Forgets where we were, so that the next person does not find it. */
  clear(): void {
    this.current = this.#home;
    this.#cleared = location.hash.slice(1);
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- the page we are on
    this.#enqueue(() => goto(location.pathname, { shallow: true, replace: true }));
  }

  /** One that fails (the engine was replaced under it) must not hold up the next. */
  #enqueue(change: () => Promise<void>): void {
    this.#queue = this.#queue.then(change).catch(() => undefined);
  }

  async #open(fragment: string): Promise<Route> {
    if (fragment === '') return this.#home;
    const inviter = inviterIn(fragment);
    if (inviter !== undefined) return { app: 'friends', path: [], args: { invite: inviter } };
    const route = (await this.#client.openRoute(fragment)) ?? this.#home;
    return this.#whole(isScreen(route.app) ? route : { app: 'drive', path: route.path });
  }

  /** The drive and its viewers show something; without a path it is the home. */
  #whole(route: Route): Route {
    return route.path.length === 0 && route.app === 'drive' ? this.#home : route;
  }

  #depth(): number {
    return page.state.depth ?? 0;
  }
}
