/** Places in the app. */

/** A place in the app. */
export type Route = {
  /** The screen, by name: `drive`, `view`, `settings`, `trash`, or what another room adds. */
  readonly app: string;
  /** From its root; empty where a screen shows nothing of a tree. */
  readonly path: readonly string[];
  readonly args?: Record<string, string>;
};

/** Places in the app, sealed for the address bar. */
export interface RouteCalls {
  sealRoute(route: Route): Promise<string>;
  openRoute(sealed: string): Promise<Route | undefined>; // C-7, padded
}
