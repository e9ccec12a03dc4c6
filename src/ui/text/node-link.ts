/** Links that open a copy of the app with a server chosen. */

/**
 * `site` is where this copy of the app lies and ends in `/`. A server that has a domain serves the app
 * itself; a node without one is named by its multiaddr behind the `#`, which no browser sends.
 */
export function nodeLink(site: string, server: string): string {
  return server.startsWith('/') ? `${site}#node=${server}` : `${server}/`;
}
