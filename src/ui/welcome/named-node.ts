/**
 * A link may name a node behind `#node=`, which no browser sends to anybody. Anybody can make such a
 * link, so it only fills in the address; the person decides.
 */
import type { ServerReport } from '#lib/client/index.ts';

const NODE_MAX_CHARACTERS = 300;
const TOKEN = /^[0-9a-f]{64}$/u;

export interface NamedNode {
  /** As in the link, unchecked. */
  readonly multiaddr: string;
  /** An invitation of that node. */
  readonly token?: string;
}

/** The node in a fragment without its `#`, or in a whole link that somebody pasted. */
export function nodeIn(text: string): NamedNode | undefined {
  const fragment = text.slice(text.indexOf('#') + 1);
  const values = new URLSearchParams(fragment);
  const multiaddr = values.get('node');
  const token = values.get('token') ?? '';
  if (multiaddr?.startsWith('/') !== true || multiaddr.length > NODE_MAX_CHARACTERS) {
    return undefined;
  }
  return TOKEN.test(token) ? { multiaddr, token } : { multiaddr };
}

let taken: NamedNode | undefined;

/** The node this page was opened for; what names it is taken out of the address. */
export function nodeOfThisPage(): NamedNode | undefined {
  const found = nodeIn(location.hash.slice(1));
  if (found !== undefined) {
    taken = found;
    const invitation = /^#invite=[^&]*/u.exec(location.hash)?.[0] ?? '';
    history.replaceState(history.state, '', location.pathname + location.search + invitation);
  }
  return taken;
}

let chosen: ServerReport | undefined;

/** The node that the person chose on another form of this page. */
export function chosenNode(): ServerReport | undefined {
  return chosen;
}

/** The person decided for a node, or for another place. */
export function chooseNode(report: ServerReport | undefined): void {
  taken = undefined;
  chosen = report;
}

/** Whether a browser may ask before a page from elsewhere reaches this address. */
export function isInPrivateNetwork(multiaddr: string): boolean {
  return /^\/(?:ip4\/(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.|ip6\/(?:::1\/|f[cd]|fe[89ab]))/iu.test(
    multiaddr,
  );
}
