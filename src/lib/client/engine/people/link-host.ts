/**
 * What the addresses of a person's links name: the host that the server says, or the multiaddr by
 * which the account reaches its node, where that has no host that others know.
 */
import type { Links } from '#lib/social/index.ts';
import { looksLikeMultiaddr } from '#lib/webrtc/index.ts';

/** `server` as accounts name it; undefined for a drive in this browser, which has no host. */
export async function hostOfLinks(
  links: Pick<Links, 'host'>,
  server: string | undefined,
): Promise<string | undefined> {
  if (server === undefined || looksLikeMultiaddr(server)) return server;
  return links.host();
}
