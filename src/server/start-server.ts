/**
 * A node that serves: stores, the local node with this server's policy, the protocol's handler, the
 * site, and a listening socket around them. Nothing is served before everything is ready, and
 * whatever was opened is closed again when something fails.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { createSecurityKeyVerifier, startCrypto, systemRandom } from '#lib/crypto/index.ts';
import type { NameDirectory } from '#lib/forwarding/index.ts';
import {
  AnswerBudget,
  canonicalHost,
  canonicalOrigin,
  handleRequest,
} from '#lib/node-http/index.ts';
import { createLocalNode, nodeKeySeed } from '#lib/node-local/index.ts';
import type { LocalNode, LocalNodeDeps, NameAuthority } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { noteRunning } from './data/running.ts';
import { openStores } from './data/open-stores.ts';
import type { NodeStores } from './data/open-stores.ts';
import { Gateway } from './gateway/gateway.ts';
import { announcedSite } from './gateway/announced-site.ts';
import { AppFrames } from './gateway/app-frames.ts';
import { checkDomains } from './gateway/names.ts';
import { Answerer } from './http/answer.ts';
import { ClientAddresses } from './http/client-address.ts';
import { acceptedHosts, addressOf, isPublic, relyingParty } from './http/hosts.ts';
import { DEFAULT_LIMITS, listen } from './http/listener.ts';
import type { ListenerLimits } from './http/listener.ts';
import { RateLimit } from './http/rate-limit.ts';
import type { Ipfs, IpfsDeps } from './ipfs/index.ts';
import { createLog, failureFields } from './observe/log.ts';
import type { Log } from './observe/log.ts';
import { createNodeMetrics } from './observe/node-metrics.ts';
import type { NodeMetrics } from './observe/node-metrics.ts';
import { createPeerNetwork, markingCopies, tellingMoves, usersNode } from './p2p/index.ts';
import type { OpenedNetwork, PeerNetwork } from './p2p/index.ts';
import { reportingNode } from './node-report.ts';
import { measureRegistry } from './registry/measure.ts';
import { openRegistry } from './registry/registry.ts';
import type { ServerRegistry } from './registry/registry.ts';
import { DEFAULTS } from './settings/settings.ts';
import type { NodeSettings, SignUps } from './settings/settings.ts';
import { loadSite } from './site/site.ts';
import type { Site } from './site/site.ts';
import { REVISION, VERSION } from './version.ts';
import { openWebRtc } from './webrtc/index.ts';
import { collectRegularly } from './work/collection.ts';
import { workOnAccounts } from './work/accounts-elsewhere.ts';
import { performDuties } from './work/duties.ts';
import type { Duty } from './work/duties.ts';
import { mirrorRegularly } from './work/registry-steps.ts';

export type StartOptions = Partial<NodeSettings> &
  Pick<NodeSettings, 'dataFolder'> & {
    readonly log?: Log;
    /** Milliseconds since 1970. */
    readonly clock?: () => number;
    readonly random?: Random;
    readonly limits?: Partial<ListenerLimits>;
    /** Names that are registered at other nodes; none are known without it. */
    readonly directory?: NameDirectory;
  };

export interface RunningNode {
  /** Without a trailing slash; on this machine. */
  readonly url: string;
  /** The address for others. */
  readonly address: string;
  readonly port: number;
  /** Multiaddrs by which pages reach it without a domain; none unless `webrtcPort` is set. */
  readonly webrtcAddresses: readonly string[];
  /** The same node without HTTP. */
  readonly node: LocalNode;
  /** How it is open to other nodes. */
  readonly peers: OpenedNetwork;
  /** The registry of all names, if the settings name one. */
  readonly registry: ServerRegistry | undefined;
  /** Token of the one sign-up that makes an operator; only while there are no accounts. */
  readonly operatorToken: string | undefined;
  /** Ends the requests under way, then everything. */
  close(): Promise<void>;
}

const ADMITS: Readonly<Record<SignUps, 'anyone' | 'invited' | 'nobody'>> = {
  open: 'anyone',
  token: 'invited',
  closed: 'nobody',
};

/**
 * Starts a node. Rejects with `FolderInUse`, `BadSetting`, `StoreUnavailable`, or Node's own error
 * where the address cannot be listened at.
 */
export async function startServer(options: StartOptions): Promise<RunningNode> {
  const settings: NodeSettings = { ...DEFAULTS, ...options };
  const { clock = Date.now, log = createLog(settings.logLevel) } = options;
  const ending: (() => Promise<void> | void)[] = [];
  const close = once(async () => {
    await endAll(ending.reverse());
    log.info('stopped');
  });
  try {
    const site = settings.siteFolder === undefined ? undefined : loadSite(settings.siteFolder);
    checkDomains(settings);
    const addresses = new ClientAddresses(settings.trustedProxies, settings.publicHosts);
    await startCrypto();
    const nodeMetrics = createNodeMetrics(VERSION);
    ending.push(() => {
      nodeMetrics.close();
    });
    const stores = await openStores(settings);
    ending.push(() => stores.close());
    let { port } = settings;
    const localHost = (): string => `localhost:${String(port)}`;
    const { random = systemRandom } = options;
    const { records } = stores;
    const shared = { settings, clock, random, metrics: nodeMetrics, log };
    const registryStates = () => registry;
    const network = createPeerNetwork({ ...shared, records, registryStates });
    ending.push(() => network.close());
    const later = { localHost, authority: () => registry?.authority };
    const deps = nodeDeps(settings, { ...later, clock, random, network }, stores, nodeMetrics);
    const node: LocalNode = createLocalNode(deps);
    const nodeOf = (nodeId: Cid) => network.transport.namedNodeOf(nodeId);
    const own = { records: deps.records, clock, random, log, local: node, nodeOf };
    const registry: ServerRegistry | undefined = await openRegistry(settings, own);
    const operatorToken = await firstOperatorToken(node);
    const collection = { node, records: deps.records, clock, log };
    const duties: Duty[] = [];
    if (settings.collectEveryMs > 0) {
      duties.push(() => collectRegularly(collection, settings.collectEveryMs));
    }
    const limits = {
      ...DEFAULT_LIMITS,
      maxConnections: settings.maxConnections,
      ...options.limits,
    };
    const listener = await listen(settings, limits, (address) => addresses.isShared(address));
    ending.push(() => listener.close(settings.stopWithinMs));
    ({ port } = listener);
    const answers = new AnswerBudget();
    const served = registry?.serve(node) ?? node;
    let onMove = (): void => undefined;
    const forPeers = tellingMoves(served, () => onMove());
    const peers = await network.open({ node: forPeers, site, answers });
    duties.push(peers.serveTable, () => workOnAccounts({ node, log }));
    if (registry !== undefined) {
      duties.push(() => mirrorRegularly(registry));
      measureRegistry(nodeMetrics, registry, clock);
    }
    const sharing = { node, registry: registry?.names, records: deps.records, clock, log };
    const ipfs = await openIpfsOf(settings, sharing);
    if (ipfs !== undefined) duties.push(() => ipfs.share());
    ending.push(performDuties({ settings, duties, metrics: nodeMetrics, log }));
    const { directory } = options;
    const forwarding = network.hasWays
      ? usersNode({
          node,
          served,
          network,
          settings,
          clock,
          directory,
          fetchPublic: ipfs?.fetchPublic,
        })
      : undefined;
    if (forwarding !== undefined) onMove = () => forwarding.forgetHomes();
    let webrtcAddresses: readonly string[] = [];
    const ownReport = { addresses: () => webrtcAddresses, registry };
    const users = reportingNode(forwarding ?? served, ownReport);
    const parts = { port, deps, served, users, site, addresses, answers };
    const serving = { settings, ...parts, metrics: nodeMetrics, log };
    const answerer = createAnswerer(serving);
    listener.answerWith((request, response) => answerer.answer(request, response));
    nodeMetrics.gauge('pyrgos_connections', 'Open connections.', () => listener.connections);
    webrtcAddresses = await startWebRtc(serving, limits, answerer, ending);
    const address = addressOf(settings, port);
    const note = noteRunning(settings.dataFolder, address);
    ending.push(() => {
      note.release();
    });
    log.info('started', {
      version: VERSION,
      address,
      signUps: settings.signUps,
      ...(registry === undefined ? {} : { registry: registry.names.identity.toString() }),
    });
    const url = `http://${localHost()}`;
    return {
      url,
      address,
      port,
      webrtcAddresses,
      node,
      peers,
      registry,
      operatorToken,
      close,
    };
  } catch (error) {
    // What cannot be closed either is not what has to be told.
    await close().catch(() => undefined);
    throw error;
  }
}

interface Serving {
  readonly settings: NodeSettings;
  /** The one that is listened at. */
  readonly port: number;
  readonly deps: LocalNodeDeps;
  /** This node as other nodes see it. */
  readonly served: StorageNode;
  /** The same for users, whose homes may be elsewhere. */
  readonly users: StorageNode;
  readonly answers: AnswerBudget;
  readonly site: Site | undefined;
  readonly addresses: ClientAddresses;
  readonly metrics: NodeMetrics;
  readonly log: Log;
}

function createAnswerer({ settings, port, deps, served, users, ...shared }: Serving): Answerer {
  const { clock, random, records, blocks } = deps;
  const hosts = acceptedHosts(settings, port);
  const { answers } = shared;
  const handle = handleRequest(users, {
    hosts,
    isPublic: isPublic(settings),
    pageOrigins: settings.pageOrigins,
    clock,
    answers,
    onError: (endpoint, error) => {
      shared.log.error('failed', { endpoint, ...failureFields(error) });
    },
  });
  const { gatewayDomain } = settings;
  const gateway =
    gatewayDomain === undefined ? undefined : new Gateway({ node: served, random, clock });
  const { site } = shared;
  return new Answerer({
    ...shared,
    settings,
    gateway,
    site: site && announcedSite(site, settings, port),
    appFrames: settings.appOrigins === undefined ? undefined : new AppFrames(site, settings, port),
    hosts: new Set(hosts.map(canonicalHost)),
    pageOrigins: new Set(settings.pageOrigins.map(canonicalOrigin)),
    handle: markingCopies(handle),
    checkHealth: async () => {
      await records.get('node', 'identity');
      await blocks.has('health');
    },
    rateLimit: new RateLimit(clock),
  });
}

/** Opens the way by WebRTC, if the settings want it; answers its addresses. */
async function startWebRtc(
  { settings, port, deps, metrics, log }: Serving,
  limits: ListenerLimits,
  answerer: Answerer,
  ending: (() => Promise<void> | void)[],
): Promise<readonly string[]> {
  const { webrtcPort } = settings;
  if (webrtcPort === undefined) return [];
  const { records, random, clock } = deps;
  const service = await openWebRtc({
    settings,
    port: webrtcPort,
    records,
    random,
    clock,
    seed: await nodeKeySeed(deps),
    limits,
    host: acceptedHosts(settings, port)[0] ?? '',
    answer: (request, response) => answerer.answer(request, response),
  });
  ending.push(() => {
    service.close();
  });
  metrics.gauge('pyrgos_webrtc_connections', 'Pages by WebRTC.', () => service.connections);
  log.info('webrtc', { port: webrtcPort });
  return service.addresses;
}

/** Public blocks on IPFS, loaded only where the settings want them. */
async function openIpfsOf({ ipfs }: NodeSettings, deps: IpfsDeps): Promise<Ipfs | undefined> {
  if (ipfs === undefined) return undefined;
  const { openIpfs } = await import('./ipfs/index.ts');
  return openIpfs(ipfs, deps);
}

/** One after the other, all of them; throws the first failure. */
async function endAll(ending: readonly (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ending) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

const DAY_MS = 86_400_000;

/** What is known only when the node begins to answer. */
interface Later {
  readonly localHost: () => string;
  readonly authority: () => NameAuthority | undefined;
}

function nodeDeps(
  settings: NodeSettings,
  {
    clock,
    localHost,
    authority,
    random,
    network,
  }: Pick<LocalNodeDeps, 'clock' | 'random'> & Later & { readonly network: PeerNetwork },
  stores: NodeStores,
  metrics: NodeMetrics,
): LocalNodeDeps {
  const { maxUsers, quotaBytes, operators, signUps, signUpWorkBits, publicHosts } = settings;
  const { uploadLimitBytes } = settings;
  return {
    blocks: metrics.observe('blocks', stores.blocks),
    records: metrics.observe('records', stores.records),
    clock,
    random,
    signUps: {
      admits: ADMITS[signUps],
      quotaBytes,
      ...(maxUsers === 0 ? {} : { maxUsers }),
      difficultyBits: () => signUpWorkBits,
      // The first visitor would become an operator.
      reserved: operators,
    },
    operators,
    version: { version: VERSION, revision: REVISION },
    ...(uploadLimitBytes === 0
      ? {}
      : { uploadLimit: { bytes: uploadLimitBytes, windowMs: DAY_MS } }),
    webauthn: createSecurityKeyVerifier(relyingParty(settings)),
    nodeOf: (nodeId, addresses) => network.transport.patientNodeOf(nodeId, addresses),
    peerAddresses: () => network.addresses,
    get registry() {
      return authority();
    },
    // The port is known when it is listened at.
    get linkHost() {
      return publicHosts[0] ?? localHost();
    },
    ...(stores.directTransfer === undefined ? {} : { directTransfer: stores.directTransfer }),
  };
}

/** While nobody has an account, each start makes the link to the first one anew. */
async function firstOperatorToken({ operator }: LocalNode): Promise<string | undefined> {
  if (await operator.hasAccounts()) return undefined;
  for (const { id, makesOperator } of await operator.invitations()) {
    if (makesOperator === true) await operator.removeInvitation(id);
  }
  return operator.createInvitation({ makesOperator: true });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
