/**
 * Whether the address of the page is that of a link (C-4 §4.1, C-7 §7.4), and where the site lies
 * then. What opens the link stands behind the `#` and stays there.
 *
 * `/secret/OWNER/LABEL#PASSWORD` needs a host that answers such a path with the site. On any other
 * host, the whole address of a link stands behind the `#`: `/#secret/OWNER/LABEL#PASSWORD`, or with
 * the server or the node it was made for, `/#https://HOST/secret/OWNER/LABEL#PASSWORD`,
 * `/#/ip4/…/p2p/ID/secret/OWNER/LABEL#PASSWORD`.
 */

const SECRET_PATH = /^(.*\/)(secret\/[A-Za-z0-9]+\/\d+)\/?$/u;
const WHOLE_ADDRESS =
  /^(?:https?:\/\/[^/?#\s]+\/|\/ip[46]\/[^#?\s]+?\/p2p\/[1-9a-z]+\/)?secret\/[^#]*(?:#|%23)/iu;
/** Four or five parts in base58: the capability itself. */
const CAPABILITY = /^(?:#|%23)?[1-9A-HJ-NP-Za-km-z]+(?:\/[1-9A-HJ-NP-Za-km-z]+){3,4}(?:\?.*)?$/u;
const PAGE_STATE = /^(?:\{|%7b).*secretLink/iu;

/** The link that a page is asked to open by its address. */
export function linkInAddress({
  pathname,
  hash,
}: Pick<URL, 'pathname' | 'hash'>): string | undefined {
  const secret = SECRET_PATH.exec(pathname)?.[2];
  if (secret !== undefined) return `${secret}${hash}`;
  const fragment = hash.slice(1);
  if (WHOLE_ADDRESS.test(fragment)) return fragment.replace(/%23/u, '#');
  if (PAGE_STATE.test(fragment)) return hash;
  return CAPABILITY.test(fragment) ? `#${fragment.replace(/^(?:#|%23)/u, '')}` : undefined;
}

/** The folder the site lies in, ending in `/`: of a link the folder above `secret/`. */
export function siteFolder({ href, pathname }: Pick<URL, 'href' | 'pathname'>): string {
  const above = SECRET_PATH.exec(pathname)?.[1];
  return new URL(above ?? '.', href).href;
}
