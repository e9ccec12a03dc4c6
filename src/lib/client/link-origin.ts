/**
 * Addresses of links to a drive that has no host of its own, so they name the site this page came from.
 * Of a drive in this browser the engine gives them from `secret/` on; of one on a node without a domain
 * from the multiaddr of the node on, and then all of it stands behind the `#`, for no server to see.
 */
import type { SecretLink } from './types.ts';

const WITHOUT_HOST = /^secret\//u;
const AT_NODE = /^\/ip[46]\//u;

/** The link with whole addresses. */
export function withOwnOrigin(link: SecretLink): SecretLink {
  const { address, downloadAddress } = link;
  return {
    ...link,
    address: wholeAddress(address),
    downloadAddress: wholeAddress(downloadAddress),
  };
}

/** The address, with this site where it names none. */
export function wholeAddress(address: string): string {
  if (AT_NODE.test(address)) return `${new URL('.', location.href).href}#${address}`;
  return WITHOUT_HOST.test(address) ? `${location.origin}/${address}` : address;
}
