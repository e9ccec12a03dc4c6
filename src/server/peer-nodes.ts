/**
 * Other nodes this one may fetch accounts from that move here (B-2 §12). Users name the node they
 * come from by its id; where it is, the operator alone says, so that nobody can make this node ask
 * addresses of his choice: not by an id, not by a redirect, and not by an object store that a peer
 * names. What a peer answers is hostile.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { Peer } from './settings/settings.ts';

/** The node of an id, if it is a peer's; ids are compared by their bare multihash (B-1 §3.3). */
export function peersOf(
  peers: readonly Peer[],
  clock: () => number,
): (nodeId: Cid) => Promise<StorageNode | undefined> {
  const nodes = new Map<Peer, StorageNode>();
  return async ({ multihash }) => {
    const peer = peers.find(({ nodeId }) => equalBytes(nodeId.multihash, multihash));
    if (peer?.url === undefined) return undefined;
    const node = nodes.get(peer) ?? nodeAt(peer.url, clock);
    nodes.set(peer, node);
    return node;
  };
}

/** A node that the operator named, asked at this origin alone. */
export function nodeAt(url: string, clock: () => number): StorageNode {
  return createHttpNode(url, { clock, fetch: fetchOnly(url) });
}

/** Asks one origin. What is asked of any other fails as if it could not be reached. */
function fetchOnly(url: string): (request: Request) => Promise<Response> {
  const { origin } = new URL(url);
  return async (request) => {
    if (new URL(request.url).origin === origin) return fetch(request);
    throw new TypeError('A peer is asked at its own address only.');
  };
}
