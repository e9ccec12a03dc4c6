/**
 * This node among libp2p peers: TCP, Noise and Yamux, and streams of the one protocol that nodes of
 * Peergos speak with each other (B-1 §3.2). What is on the streams is not known here.
 */
import { identify } from '@libp2p/identify';
import type { ContentRouting, PeerId, PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { peerIdFromString } from '@libp2p/peer-id';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import type { TCPSocketOptions } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { Duplex } from 'node:stream';
import type { Cid } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { AddressBook } from './address-book.ts';
import { BoundedDatastore } from './bounded-datastore.ts';
import { dhtService } from './dht.ts';
import type { DhtMode } from '../settings/settings.ts';
import { isTcpAddress, withoutPeer } from './addresses.ts';
import { isDialDenied } from './dial-rules.ts';
import { nodeIdOfPeer, peerIdOf } from './node-key.ts';
import { StreamSocket } from './stream-socket.ts';
import { inWholeWrites } from './whole-writes.ts';

export const HTTP_PROTOCOL = '/http';

/** Streams of one connection, in each direction: one a request. */
const MAX_STREAMS = 512;
/**
 * What may be on its way to a reader that is slow. libp2p's own figure, 16 MiB, is more than it lets a
 * stream keep (4 MiB), so that slow readers would be cut off.
 */
const WINDOW_BYTES = 1024 * 1024;
/** Node's own figure, 64 KiB, is less than one message of Noise: each would wait for the one before. */
const SOCKET: TCPSocketOptions & { highWaterMark: number } = { highWaterMark: 1024 * 1024 };
const CONNECT_MS = 10_000;
const MAX_CONNECTIONS = 1000;
/** Nodes of which somebody said where they are, and how many addresses of each count. */
const MAX_SUGGESTED = 1000;
const MAX_SUGGESTIONS = 16;
/** New connections of one address in a second; a whole site may stand behind one. */
const CONNECTIONS_PER_SECOND = 20;

export interface PeerHostOptions {
  readonly key: PrivateKey;
  /** IP address to listen at. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Addresses that others are told, of all processes of this node; none: those listened at. */
  readonly announce: readonly string[];
  readonly allowsPrivate: boolean;
  readonly book: AddressBook;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly dht: DhtMode;
  /** Full addresses of peers of the Kademlia table, with `/p2p/…`. */
  readonly bootstrap: readonly string[];
  /** Given every stream a peer opens, and the id that its key proved. */
  readonly onStream: (socket: Duplex, peerId: string) => void;
}

export interface PeerHost {
  readonly peerId: string;
  /** Where others find this node, each with its peer id. */
  readonly addresses: readonly string[];
  readonly connections: number;
  /**
   * Where a node may be, as somebody says who may lie: asked there, by the rules of
   * dialling and after what is known better. What is no address for TCP is passed over.
   */
  suggest(nodeId: Cid, addresses: readonly string[]): void;
  /** Connects if there is no connection. Rejects with whatever keeps it from that, or the signal's reason. */
  openStream(nodeId: Cid, signal: AbortSignal): Promise<Duplex>;
  /** Whether this process answers others that look for nodes in the Kademlia table; at first it does not. */
  serveTable(isServing: boolean): void;
  /** Connects to an address; answers the id that the peer there proves to have. */
  nodeAt(address: string, signal: AbortSignal): Promise<Cid>;
  /** The Kademlia table; `undefined` where it is off. */
  readonly table: PeerTable | undefined;
  close(): Promise<void>;
}

/** Records under keys, kept by those peers whose ids are next to the key's hash. */
export interface PeerTable {
  /** The newest record that is found; `undefined`: none is. */
  get(key: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Resolves when those that are next to it were asked, however many took it. */
  put(key: Uint8Array, record: Uint8Array, signal: AbortSignal): Promise<void>;
}

export async function createPeerHost(options: PeerHostOptions): Promise<PeerHost> {
  const { key, host, port, announce, allowsPrivate, book, bootstrap, onStream } = options;
  const trusted = new Set([...book.trusted, ...bootstrap.map((it) => withoutPeer(multiaddr(it)))]);
  const family = host.includes(':') ? 'ip6' : 'ip4';
  const node = await createLibp2p({
    privateKey: key,
    addresses: { listen: [`/${family}/${host}/tcp/${String(port)}`], announce: [...announce] },
    transports: [tcp({ dialOpts: SOCKET, listenOpts: SOCKET })],
    connectionEncrypters: [inWholeWrites(noise())],
    streamMuxers: [
      yamux({ streamOptions: { maxStreamWindowSize: WINDOW_BYTES }, maxEarlyStreams: MAX_STREAMS }),
    ],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: 2 * CONNECTIONS_PER_SECOND,
      // Nobody is called again before there is something to ask.
      reconnectRetries: 0,
    },
    connectionGater: {
      denyDialMultiaddr: (address) => isDialDenied(address, { allowsPrivate, trusted }),
    },
    datastore: new BoundedDatastore(),
    services: { identify: identify(), ping: ping(), ...dhtService(options.dht, options.clock) },
  });
  await node.handle(
    HTTP_PROTOCOL,
    (stream, connection) => {
      onStream(new StreamSocket(stream), connection.remotePeer.toString());
    },
    { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS },
  );
  const openings = new Openings((id) => node.getConnections(peerIdFromString(id)).length > 0);
  const suggested = new LruMap<string, readonly string[]>(MAX_SUGGESTED);
  for (const address of bootstrap) node.dial(multiaddr(address)).catch(() => undefined);
  /** A node that called, and that is asked now, is to be found again where it says it is. */
  const noteClaimed = async (nodeId: Cid, peerId: PeerId): Promise<void> => {
    if ((await book.addressesOf(nodeId)).length > 0) return;
    const { addresses } = await node.peerStore.get(peerId);
    const [first] = addresses.map((it) => it.multiaddr).filter((it) => isTcpAddress(it.toString()));
    if (first !== undefined) await book.noteReached(nodeId, withoutPeer(first));
  };
  return {
    peerId: node.peerId.toString(),
    get addresses() {
      return node.getMultiaddrs().map(String);
    },
    get connections() {
      return node.getConnections().length;
    },
    suggest: (nodeId, addresses) => {
      const usable = addresses.slice(0, MAX_SUGGESTIONS).filter((it) => isTcpAddress(it));
      const plain = usable.map((it) => withoutPeer(multiaddr(it)));
      if (plain.length > 0) suggested.set(nodeId.toPeerId(), plain);
    },
    table: options.dht === 'off' ? undefined : tableOf(node.contentRouting),
    nodeAt: async (address, signal) => {
      const within = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
      const { remotePeer } = await node.dial(multiaddr(address), { signal: within });
      return nodeIdOfPeer(remotePeer);
    },
    openStream: (nodeId, signal) =>
      openings.enter(nodeId.toPeerId(), async () => {
        const peerId = peerIdOf(nodeId);
        const isConnected = node.getConnections(peerId).length > 0;
        if (!isConnected) {
          const said = suggested.get(nodeId.toPeerId()) ?? [];
          const texts = new Set([...(await book.addressesOf(nodeId)), ...said]);
          const known = [...texts].map((it) => multiaddr(it));
          if (known.length > 0) await node.peerStore.merge(peerId, { multiaddrs: known });
        }
        const stream = await node.dialProtocol(peerId, HTTP_PROTOCOL, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]),
          maxOutboundStreams: MAX_STREAMS,
        });
        const [connection] = node.getConnections(peerId);
        // Also one that the Kademlia table made: it was found there.
        if (connection?.direction === 'outbound') {
          await book.noteReached(nodeId, withoutPeer(connection.remoteAddr));
        } else if (connection?.direction === 'inbound') {
          await noteClaimed(nodeId, peerId);
        }
        return new StreamSocket(stream);
      }),
    serveTable: (isServing) => {
      const { dht: table } = node.services;
      table?.setMode(isServing ? 'server' : 'client').catch(() => undefined);
    },
    close: async () => {
      await node.stop();
    },
  };
}

function tableOf(routing: ContentRouting): PeerTable {
  return {
    get: async (key, signal) => {
      try {
        return Uint8Array.from(await routing.get(key, { signal }));
      } catch (error) {
        const all = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
        if (all.every((it) => it instanceof Error && it.name === 'NotFoundError')) return undefined;
        throw error;
      }
    },
    put: (key, record, signal) => routing.put(key, record, { signal }),
  };
}

/**
 * The first stream to a peer is opened alone: a peer that is still busy with the connection takes
 * only a few more (js-libp2p: ten) and resets the others.
 */
class Openings {
  readonly #first = new Map<string, Promise<unknown>>();
  readonly #isConnected: (peerId: string) => boolean;

  constructor(isConnected: (peerId: string) => boolean) {
    this.#isConnected = isConnected;
  }

  async enter<T>(peerId: string, open: () => Promise<T>): Promise<T> {
    await this.#first.get(peerId)?.catch(() => undefined);
    if (this.#first.has(peerId) || this.#isConnected(peerId)) return open();
    const opening = open();
    this.#first.set(peerId, opening);
    try {
      return await opening;
    } finally {
      this.#first.delete(peerId);
    }
  }
}
