/**
 * The link that opens the sign-up with an invitation. The token stands in the fragment, which
 * browsers send to nobody: not to this node, not to a proxy and its log.
 */
export function signUpLink(address: string, token: string): string {
  return `${address}/#${new URLSearchParams({ signup: 'true', token }).toString()}`;
}

/**
 * The link that opens a copy of the app, wherever that comes from, with a node chosen by its multiaddr;
 * with a token it invites to sign up there.
 */
export function nodeLink(site: string, multiaddr: string, token?: string): string {
  const folder = /^https?:\/\/[^/]+$/u.test(site) ? `${site}/` : site;
  return `${folder}#node=${multiaddr}${token === undefined ? '' : `&token=${token}`}`;
}
