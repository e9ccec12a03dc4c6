/**
 * This node and the others, as its settings say: the ways to them, and, where it listens for them,
 * what they may ask. The ways exist before the node does, since accounts move here over them; others
 * are answered when everything is ready.
 */
import type { Random } from '#lib/bytes/index.ts';
import { Cid, CODEC } from '#lib/codec/index.ts';
import { handleRequest } from '#lib/node-http/index.ts';
import type { AnswerBudget } from '#lib/node-http/index.ts';
import { nodeKeySeed } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { RateLimit } from '../http/rate-limit.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import type { NodeMetrics } from '../observe/node-metrics.ts';
import type { NodeSettings } from '../settings/settings.ts';
import type { Site } from '../site/site.ts';
import { createAddressBook } from './address-book.ts';
import type { AddressBook, PeerAddress } from './address-book.ts';
import { listenForPrograms } from './loopback-gateway.ts';
import type { LoopbackGateway } from './loopback-gateway.ts';
import type { PeerHost } from './peer-host.ts';
import { askingOver } from './peer-request.ts';
import type { AskPeer } from './peer-request.ts';
import { PEER_HOST, PeerServer } from './peer-server.ts';
import { askingThrough, createPeerTransport, wayTo } from './peer-transport.ts';
import type { PeerTransport } from './peer-transport.ts';
import { checkAnnounced, noteProcess, otherProcesses } from './processes.ts';
import { publishRegularly } from './publish-records.ts';
import { recordSources } from './record-sources.ts';
import { RegistryNews } from './registry-news.ts';
import type { RegistryStates } from './registry-news.ts';
import { Successions } from './successions.ts';

/** More than one of our own clients has: a node asks for many. */
const REQUESTS_PER_PEER = 160;

export interface PeerNetworkDeps {
  readonly settings: NodeSettings;
  readonly records: RecordStore;
  readonly random: Random;
  readonly clock: () => number;
  readonly metrics: NodeMetrics;
  readonly log: Log;
  /** The registry of names, once it is open; undefined where there is none. */
  readonly registryStates: () => RegistryStates | undefined;
}

export interface PeerServing {
  /** The local node: what peers ask is not passed on. */
  readonly node: StorageNode;
  readonly site: Site | undefined;
  readonly answers: AnswerBudget;
}

export interface PeerNetwork {
  readonly transport: PeerTransport;
  /** Whether there is any way to another node. */
  readonly hasWays: boolean;
  /** Where other nodes reach this one, now. */
  readonly addresses: readonly string[];
  /** Begins to listen, where the settings say so. */
  open(serving: PeerServing): Promise<OpenedNetwork>;
  close(): Promise<void>;
}

export interface OpenedNetwork {
  /** Multiaddrs with the peer id; empty where other nodes are not listened for. */
  readonly addresses: readonly string[];
  readonly gatewayPort: number | undefined;
  /** Answers others that look for nodes in the table, if this node has one; answers how to end it. */
  serveTable(): () => void;
  /** Takes streams that peers open in other ways, each with the peer id that was proved. */
  readonly server: PeerServer;
}

export function createPeerNetwork(deps: PeerNetworkDeps): PeerNetwork {
  const { settings, records, clock, metrics, log, registryStates: states } = deps;
  const { peers, p2pPort, p2pGateway } = settings;
  let host: PeerHost | undefined;
  let gateway: LoopbackGateway | undefined;
  let server: PeerServer | undefined;
  let leave: (() => Promise<void>) | undefined;
  let stopPublishing: (() => Promise<void>) | undefined;
  const asking = counted(
    metrics,
    askingOf(settings, () => host),
  );
  const nodeOf = (nodeId: Cid) => transport.nodeOf(nodeId);
  const news = new RegistryNews({ states, nodeOf, clock, log });
  const ask = asking && news.listening(asking);
  const book = createAddressBook(records, clock, listedIn(settings));
  const sourcesOf = recordSources({
    wayTo: (nodeId) => wayTo(nodeId, { peers, ask: asking }),
    book,
    host: () => host,
  });
  const successions = new Successions({ records, clock, log, sourcesOf });
  const suggest = (nodeId: Cid, addresses: readonly string[]) => host?.suggest(nodeId, addresses);
  const transport: PeerTransport = createPeerTransport({
    peers,
    ask,
    clock,
    suggest,
    successions,
  });
  metrics.gauge('pyrgos_peer_clients', 'Other nodes asked lately.', () => transport.size);
  metrics.gauge('pyrgos_peer_connections', 'Open connections.', () => host?.connections ?? 0);
  return {
    transport,
    hasWays: peers.length > 0 || p2pPort !== undefined || p2pGateway !== undefined,
    get addresses() {
      return host?.addresses ?? [];
    },
    open: async (serving) => {
      const opened = (server = await createPeerServer(deps, serving, news));
      if (p2pPort !== undefined) {
        leave = await joinProcesses(deps);
        host = await startHost(deps, p2pPort, book, opened);
        const { table } = host;
        const { node } = serving;
        if (table !== undefined) stopPublishing = publishRegularly({ node, table, log });
        const { p2pGatewayPort } = settings;
        if (p2pGatewayPort !== undefined && ask !== undefined) {
          gateway = await listenForPrograms(p2pGatewayPort, ask, (id) => successions.recordOf(id));
        }
      }
      const addresses = host?.addresses ?? [];
      const serveTable = () => {
        host?.serveTable(true);
        return () => host?.serveTable(false);
      };
      return { addresses, gatewayPort: gateway?.port, serveTable, server: opened };
    },
    close: async () => {
      transport.close();
      await stopPublishing?.();
      await gateway?.close();
      server?.close();
      await host?.close();
      await leave?.();
    },
  };
}

function askingOf(
  { p2pPort, p2pGateway }: NodeSettings,
  host: () => PeerHost | undefined,
): AskPeer | undefined {
  if (p2pPort === undefined) {
    return p2pGateway === undefined ? undefined : askingThrough(p2pGateway);
  }
  return askingOver({
    openStream: async (nodeId, signal) => {
      const started = host();
      if (started === undefined) throw new Error('This node does not speak with others yet.');
      return started.openStream(nodeId, signal);
    },
  });
}

function counted(metrics: NodeMetrics, ask: AskPeer | undefined): AskPeer | undefined {
  if (ask === undefined) return undefined;
  let asked = 0;
  let failed = 0;
  metrics.gauge('pyrgos_peer_asked', 'Requests to other nodes.', () => asked);
  metrics.gauge('pyrgos_peer_failed', 'Those that were not answered.', () => failed);
  return async (nodeId, request) => {
    asked++;
    try {
      return await ask(nodeId, request);
    } catch (error) {
      failed++;
      throw error;
    }
  };
}

async function createPeerServer(
  { clock, metrics, log }: PeerNetworkDeps,
  { node, site, answers }: PeerServing,
  news: RegistryNews,
): Promise<PeerServer> {
  const handle = handleRequest(node, {
    hosts: [PEER_HOST],
    isPublic: true,
    pageOrigins: [],
    clock,
    answers,
    maxRequestsPerClient: REQUESTS_PER_PEER,
    onError: (endpoint, error) => {
      log.error('failed', { endpoint: `p2p/${endpoint}`, ...failureFields(error) });
    },
  });
  const ownIds = new Set((await node.blocks.nodeIds()).flatMap(textsOf));
  const rateLimit = new RateLimit(clock);
  const registryState = () => news.header();
  return new PeerServer({ handle, ownIds, registryState, answers, site, rateLimit, metrics, log });
}

/** How senders write a node id in `Host` (B-1 §1.4). */
function textsOf(nodeId: Cid): string[] {
  const { hashType, digest } = nodeId;
  return [nodeId.toPeerId(), Cid.v1(CODEC.libp2pKey, hashType, digest).toString()];
}

/** Where the records are shared others may have this peer id, too. Throws `BadSetting`. */
async function joinProcesses({
  settings,
  records,
  clock,
}: PeerNetworkDeps): Promise<(() => Promise<void>) | undefined> {
  if (settings.recordsUrl === undefined) return undefined;
  checkAnnounced(settings.p2pAnnounce, await otherProcesses(records, settings, clock()));
  return noteProcess(records, settings, clock);
}

function listedIn({ peers }: NodeSettings): PeerAddress[] {
  return peers.flatMap(({ nodeId, address }) =>
    address === undefined ? [] : [{ nodeId, address }],
  );
}

async function startHost(
  { settings, records, random, clock, log }: PeerNetworkDeps,
  port: number,
  book: AddressBook,
  server: PeerServer,
): Promise<PeerHost> {
  const { p2pHost, p2pAnnounce, p2pPrivate, dht, dhtBootstrap } = settings;
  // A node that listens for no others need not load libp2p.
  const [{ peerKeyOf }, { createPeerHost }] = await Promise.all([
    import('./node-key.ts'),
    import('./peer-host.ts'),
  ]);
  const host = await createPeerHost({
    key: await peerKeyOf(await nodeKeySeed({ records, random })),
    host: p2pHost,
    port,
    announce: p2pAnnounce,
    allowsPrivate: p2pPrivate,
    book,
    clock,
    dht,
    bootstrap: dhtBootstrap,
    onStream: (stream, peerId) => server.accept(stream, peerId),
  });
  log.info('listening for other nodes', { addresses: host.addresses.join(' ') });
  return host;
}
