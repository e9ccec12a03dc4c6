/**
 * Addresses of links to a drive that lives in this browser: no server names a host for them, so they
 * name the site this page came from. The engine gives them from `secret/` on.
 */
import type { SecretLink } from './types.ts';

const WITHOUT_HOST = /^secret\//u;

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
  return WITHOUT_HOST.test(address) ? `${location.origin}/${address}` : address;
}
