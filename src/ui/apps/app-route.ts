/**
 * The route of a running app: its path is what the app was opened on, or where it lies, so that the
 * tree it is in is opened with it.
 */
import type { AppToRun, Route } from '#lib/client/index.ts';

const APP = 'run';

/** An installed app, on an entry of the drive or by itself. */
export function installedRoute(name: string, opened?: readonly string[]): Route {
  return { app: APP, path: opened ?? [], args: { runs: 'installed', name } };
}

/** The app in a folder, where it lies. */
export function inPlaceRoute(folder: readonly string[]): Route {
  return { app: APP, path: folder, args: { runs: 'in-place' } };
}

/** A web page of the drive. */
export function pagesRoute(page: readonly string[]): Route {
  return { app: APP, path: page, args: { runs: 'pages' } };
}

/** What a route runs, and on which entry; undefined for one that says neither. */
export function appOfRoute(
  { path, args = {} }: Route,
  username: string,
): { readonly what: AppToRun; readonly opened: readonly string[] | undefined } | undefined {
  if (args['runs'] === 'in-place') return { what: { kind: 'in-place', path }, opened: undefined };
  if (args['runs'] === 'pages') return { what: { kind: 'pages', path }, opened: undefined };
  const { name } = args;
  if (name === undefined) return undefined;
  const isAlone = path.length < 2 && (path[0] ?? username) === username;
  return { what: { kind: 'installed', name }, opened: isAlone ? undefined : path };
}
