/**
 * The link that opens the sign-up with an invitation. The token stands in the fragment, which
 * browsers send to nobody: not to this node, not to a proxy and its log.
 */
export function signUpLink(address: string, token: string): string {
  return `${address}/#${new URLSearchParams({ signup: 'true', token }).toString()}`;
}
