/**
 * The ways to other nodes. Each is asked by its id; where it is, the operator, the address book or
 * the Kademlia table say, so that nobody can make this node ask addresses of his choice. In this
 * order: an address of the web that the operator wrote down for the node (`NODEID=https://…`);
 * libp2p in this process; a gateway of another process on this machine. What a peer answers is
 * hostile: it comes out of the protocol's client, bounded and of the right form.
 */
import type { RequestOptions } from 'node:http';
import type { Cid } from '#lib/codec/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import type { NodeTransport } from '#lib/forwarding/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { NodeUnreachable, PATHS } from '#lib/protocol/index.ts';
import type { Peer } from '../settings/settings.ts';
import type { Way } from './record-sources.ts';
import type { Successions } from './successions.ts';
import { PEER_ORIGIN, peerFetch } from './peer-fetch.ts';
import { PEER_BODY_MAX_BYTES, PeerMessageTooLong, send } from './peer-request.ts';
import type { AskPeer } from './peer-request.ts';

/** How long a peer may be away before a call of a user fails. */
const DEADLINE_MS = 3_000;
/** Clients of peers that are kept; one that is away is asked now and then whether it is back. */
const MAX_CLIENTS = 1_000;
/** Longer than any request. */
const IDLE_MS = 600_000;

export interface PeerTransportDeps {
  /** The operator's list. */
  readonly peers: readonly Peer[];
  /** By libp2p in this process, or by a gateway; absent: only the operator's list counts. */
  readonly ask: AskPeer | undefined;
  /** Addresses that somebody who may lie gives for a node. */
  readonly suggest?: (nodeId: Cid, addresses: readonly string[]) => void;
  readonly clock: () => number;
  /** Who took over from whom; absent: nobody. */
  readonly successions?: Pick<Successions, 'successorOf' | 'knownSuccessorOf'>;
}

/** What finds out whether a node is back is no use of it. */
const PROBE = `/${PATHS.id}`;

interface Client {
  readonly node: StorageNode;
  readonly end: AbortController;
  usedMs: number;
  isAway: boolean;
}

export interface PeerTransport extends NodeTransport {
  /** Of nodes that the operator named; these go on trying. */
  namedNodeOf(nodeId: Cid): Promise<StorageNode | undefined>;
  /**
   * For what takes long: accounts that move here or are mirrored. `addresses` are where the node is
   * said to be by who asks.
   */
  patientNodeOf(nodeId: Cid, addresses?: readonly string[]): Promise<StorageNode | undefined>;
  /** How many clients of peers are kept. */
  readonly size: number;
  close(): void;
}

export function createPeerTransport(deps: PeerTransportDeps): PeerTransport {
  const named = new NamedPeers(deps);
  const retrying = new Clients(deps, named, undefined);
  const patient = new Clients(deps, named, undefined);
  const withDeadline = new Clients(deps, named, DEADLINE_MS);
  const sweeping = setInterval(() => {
    withDeadline.sweep();
    patient.sweep();
  }, IDLE_MS).unref();
  return {
    nodeOf: async (nodeId) => withDeadline.of(nodeId),
    successorOf: (nodeId) => named.successorBy(nodeId, deps.successions?.successorOf(nodeId)),
    knownSuccessorOf: (nodeId) =>
      named.successorBy(nodeId, deps.successions?.knownSuccessorOf(nodeId)),
    patientNodeOf: async (nodeId, addresses = []) => {
      deps.suggest?.(nodeId, addresses);
      // Who begins something now does not wait until the node is asked again whether it is back.
      patient.leaveIfAway(nodeId);
      return patient.of(nodeId);
    },
    namedNodeOf: async (nodeId) => ((await named.has(nodeId)) ? retrying.of(nodeId) : undefined),
    get size() {
      return retrying.size + patient.size + withDeadline.size;
    },
    close: () => {
      clearInterval(sweeping);
      retrying.close();
      patient.close();
      withDeadline.close();
    },
  };
}

/** The operator's list: an entry counts for those, too, who took over from the node it names. */
class NamedPeers {
  readonly #deps: PeerTransportDeps;
  /** Entries by the peer id of who took over. */
  readonly #heirs = new Map<string, Peer>();

  constructor(deps: PeerTransportDeps) {
    this.#deps = deps;
  }

  of(nodeId: Cid): Peer | undefined {
    const listed = this.#deps.peers.find((it) => isSameNode(it.nodeId, nodeId));
    return listed ?? this.#heirs.get(nodeId.toPeerId());
  }

  async has(nodeId: Cid): Promise<boolean> {
    const { peers, successions } = this.#deps;
    if (this.of(nodeId) !== undefined || successions === undefined) {
      return this.of(nodeId) !== undefined;
    }
    for (const peer of peers) {
      await this.successorBy(peer.nodeId, successions.knownSuccessorOf(peer.nodeId));
    }
    return this.of(nodeId) !== undefined;
  }

  /** Answers who took over, for whom the entry of the former node counts from now on. */
  async successorBy(
    former: Cid,
    found: Promise<Cid | undefined> | undefined,
  ): Promise<Cid | undefined> {
    const [successor, peer] = [await found, this.of(former)];
    if (successor !== undefined && peer !== undefined) {
      this.#heirs.set(successor.toPeerId(), peer);
    }
    return successor;
  }
}

/** Clients by the bare multihash of the node, which is what ids are compared by (B-1 §3.3). */
class Clients {
  readonly #deps: PeerTransportDeps;
  readonly #named: NamedPeers;
  readonly #deadlineMs: number | undefined;
  /** Least recently used first. */
  readonly #clients = new Map<string, Client>();

  constructor(deps: PeerTransportDeps, named: NamedPeers, deadlineMs: number | undefined) {
    this.#deps = deps;
    this.#named = named;
    this.#deadlineMs = deadlineMs;
  }

  get size(): number {
    return this.#clients.size;
  }

  of(nodeId: Cid): StorageNode | undefined {
    const key = nodeId.toPeerId();
    const client = this.#clients.get(key) ?? this.#make(nodeId);
    if (client === undefined) return undefined;
    client.usedMs = this.#deps.clock();
    this.#clients.delete(key);
    this.#clients.set(key, client);
    for (const [oldest] of this.#clients) {
      if (this.#clients.size <= MAX_CLIENTS) break;
      this.#end(oldest);
    }
    return client.node;
  }

  /** Ends the client of a node that did not answer; what it has under way fails as if it were away. */
  leaveIfAway(nodeId: Cid): void {
    const key = nodeId.toPeerId();
    if (this.#clients.get(key)?.isAway === true) this.#end(key);
  }

  /** Forgets those that nobody has used for a while: one that is away would be probed for ever. */
  sweep(): void {
    const nowMs = this.#deps.clock();
    for (const [key, { usedMs }] of [...this.#clients]) {
      if (nowMs - usedMs > IDLE_MS) this.#end(key);
    }
  }

  close(): void {
    for (const key of [...this.#clients.keys()]) this.#end(key);
  }

  #end(key: string): void {
    this.#clients.get(key)?.end.abort(new NodeUnreachable());
    this.#clients.delete(key);
  }

  #make(nodeId: Cid): Client | undefined {
    const way = wayBy(this.#named.of(nodeId), nodeId, this.#deps.ask);
    if (way === undefined) return undefined;
    const end = new AbortController();
    const { clock } = this.#deps;
    const client = { end, usedMs: clock(), isAway: false };
    const node = createHttpNode(way.origin, {
      clock,
      fetch: (request) => {
        if (!request.url.endsWith(PROBE)) client.usedMs = clock();
        return way.fetch(request);
      },
      signal: end.signal,
      onConnection: (isOnline) => {
        client.isAway = !isOnline;
      },
      ...(way.readsArePosts ? { isLoopback: true } : {}),
      ...(this.#deadlineMs === undefined ? {} : { deadlineMs: this.#deadlineMs }),
    });
    return Object.assign(client, { node });
  }
}

/** The way to a node by its id: as the operator wrote it down, else by `ask`. */
export function wayTo(
  nodeId: Cid,
  { peers, ask }: Pick<PeerTransportDeps, 'peers' | 'ask'>,
): Way | undefined {
  return wayBy(
    peers.find((it) => isSameNode(it.nodeId, nodeId)),
    nodeId,
    ask,
  );
}

function wayBy(peer: Peer | undefined, nodeId: Cid, ask: AskPeer | undefined): Way | undefined {
  const url = peer?.url;
  if (url !== undefined) return { origin: url, fetch: fetchOnly(url), readsArePosts: false };
  if (ask === undefined) return undefined;
  return { origin: PEER_ORIGIN, fetch: peerFetch(ask, nodeId), readsArePosts: true };
}

function isSameNode(a: Cid, b: Cid): boolean {
  return equalBytes(a.multihash, b.multihash);
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

/** Asks through a gateway at this machine (Kubo's, the reference's, or our own p2p process). */
export function askingThrough(gatewayUrl: string): AskPeer {
  const { hostname, port } = new URL(gatewayUrl);
  // Some gateways give both lengths of one answer, which a strict parser refuses.
  const options: RequestOptions = {
    host: hostname,
    port: port === '' ? 80 : Number(port),
    insecureHTTPParser: true,
  };
  return async (nodeId, request) => {
    const length = request.body?.length ?? 0;
    if (length > PEER_BODY_MAX_BYTES) throw new PeerMessageTooLong();
    const target = `/p2p/${nodeId.toString()}/http${request.target}`;
    const host = `${hostname}:${String(options.port)}`;
    const headers = { ...request.headers, host, 'content-length': String(length) };
    return send({ ...request, target }, { ...options, headers });
  };
}
