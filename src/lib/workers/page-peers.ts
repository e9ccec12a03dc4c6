/**
 * Nodes that are named by multiaddr, asked over connections that the page makes. What that takes is
 * loaded when the first such node is asked.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { PeerConnections } from '#lib/client/engine/index.ts';
import type { Fetch } from '#lib/node-http/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { servePeers } from './remote-peers.ts';

export interface PagePeers extends PeerConnections {
  /** `fetch` for a node; see `createPeer` for the errors. */
  fetchAt(multiaddr: string): Fetch;
  /** Connects, if there is no connection; rejects with what is wrong. */
  reach(multiaddr: string): Promise<void>;
}

export function pagePeers(random: Random, clock: () => number): PagePeers {
  let connected: (port: MessagePort) => void = () => undefined;
  const page = new Promise<MessagePort>((resolve) => (connected = resolve));
  let peers: Promise<(multiaddr: string) => Fetch> | undefined;
  const load = async (): Promise<(multiaddr: string) => Fetch> => {
    const [{ createPeers }, wire] = await Promise.all([import('#lib/webrtc/engine.ts'), page]);
    return createPeers({ wire, random, clock });
  };
  const fetches = new Map<string, Promise<Fetch>>();
  const fetchOf = async (multiaddr: string): Promise<Fetch> => {
    peers ??= load();
    return (await peers)(multiaddr);
  };
  const fetchAt =
    (multiaddr: string): Fetch =>
    async (request) => {
      let fetch = fetches.get(multiaddr);
      if (fetch === undefined) {
        fetches.set(multiaddr, (fetch = fetchOf(multiaddr)));
        // What could not be loaded once may come the next time.
        fetch.catch(() => {
          fetches.delete(multiaddr);
          peers = undefined;
        });
      }
      return (await fetch)(request);
    };
  return {
    connect: (port) => {
      port.start();
      connected(port);
    },
    openPort: () => servePeers(fetchAt),
    fetchAt,
    reach: async (multiaddr) => {
      const answer = await fetchAt(multiaddr)(
        new Request(`http://node.invalid/${PATHS.id}`, { method: 'POST' }),
      );
      await answer.body?.cancel();
    },
  };
}
