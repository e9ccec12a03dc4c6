/**
 * The nodes this browser's engine works with: the embedded one on its own storage, made at the
 * start, and servers, each opened when an account there is first used.
 */
import { browserRoom, serverOrigin } from '#lib/client/engine/index.ts';
import type { AccountNode, NodeDirectory } from '#lib/client/engine/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import type { CopySeen } from '#lib/node-http/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNodeDeps } from '#lib/node-local/index.ts';
import { createBrowserStores } from '#lib/stores/index.ts';
import { createLastingPointerMemory, rememberBesidePending } from '#lib/writers/index.ts';
import { looksLikeMultiaddr, parseMultiaddr } from '#lib/webrtc/index.ts';
import type { PagePeers } from './page-peers.ts';
import { createDirectNode, createServerNode } from './server-node.ts';

/** Blocks, pointers, names: only what the protocol shows to a storage node. */
const NODE_DATABASE = 'pyrgos-node';
/** After this time without an answer a change becomes pending. */
const DEADLINE_MS = 2_500;
/** The browser's estimate is slow to make and is asked for with every batch of blocks. */
const QUOTA_MS = 10_000;

export async function openBrowserNodes(
  clock: () => number,
  peers: PagePeers,
): Promise<NodeDirectory> {
  const embedded = await openEmbedded(clock);
  const servers = new Map<string, Promise<AccountNode>>();
  return {
    ask(server) {
      const isPeer = looksLikeMultiaddr(server);
      const fetch = isPeer ? peers.fetchAt(server) : undefined;
      return {
        node: createDirectNode(server, { fetch, http: { deadlineMs: DEADLINE_MS } }),
        ...(isPeer ? { reach: () => peers.reach(server) } : {}),
      };
    },
    async open(address, onConnection, onCopy) {
      if (address === undefined) return embedded;
      const server = serverOrigin(address);
      const known = servers.get(server);
      if (known !== undefined) return known;
      const opened = openServer(server, { embedded, clock, peers, onConnection, onCopy });
      servers.set(server, opened);
      opened.catch(() => servers.delete(server));
      return opened;
    },
  };
}

interface ServerDeps {
  readonly embedded: AccountNode;
  readonly clock: () => number;
  readonly peers: PagePeers;
  readonly onConnection: (server: string, isOnline: boolean) => void;
  readonly onCopy: ((server: string, copy: CopySeen | undefined) => void) | undefined;
}

/** A server through what this browser keeps of it, so that a drive can be read without a network. */
async function openServer(
  server: string,
  { embedded, clock, peers, onConnection, onCopy }: ServerDeps,
): Promise<AccountNode> {
  const { pointerMemory } = embedded;
  let isOnline = true;
  const database = cacheDatabase(server);
  const { storage, locks } = navigator;
  const stores = await createBrowserStores(database, {
    indexedDB,
    storage,
    locks,
    random: systemRandom,
  });
  const tell = (isNow: boolean): void => {
    if (isNow === isOnline) return;
    isOnline = isNow;
    onConnection(server, isOnline);
  };
  // The client asks a server that is away until it is back; answers say the same a little later.
  let isConnected = true;
  let copy: CopySeen | undefined;
  const listeners = new Set<() => void>();
  const isPeer = looksLikeMultiaddr(server);
  const { direct, cached, node } = createServerNode(server, stores, clock, {
    fetch: isPeer ? peers.fetchAt(server) : undefined,
    http: {
      deadlineMs: DEADLINE_MS,
      onConnection: (isNow) => {
        isConnected = isNow;
        tell(isNow);
      },
      onCopy: (next) => {
        copy = next;
        onCopy?.(server, next);
      },
    },
    // The client may answer from what it asked a moment ago.
    onState: (state) => tell(state.isOnline && isConnected),
    onChange: () => {
      for (const listener of listeners) listener();
    },
  });
  return {
    server,
    node,
    direct,
    queue: {
      node,
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    // Shared with the embedded node: an account that moved may not be rolled back either.
    pointerMemory: rememberBesidePending(pointerMemory, (...state) => node.isOwn(...state)),
    source: { database, server },
    forget: async () => {
      await node.discard();
      await cached.clear();
    },
    ...(isPeer ? { reach: () => peers.reach(server) } : {}),
    isOnline: () => isOnline,
    copy: () => copy,
  };
}

/** Name of the database that keeps what was read from a server. */
function cacheDatabase(server: string): string {
  // A node keeps its id when its address changes.
  if (looksLikeMultiaddr(server)) return `pyrgos-cache-${parseMultiaddr(server).peer.toPeerId()}`;
  return `pyrgos-cache-${new URL(server).host.replaceAll(/[^a-z0-9.-]/gu, '_')}`;
}

async function openEmbedded(clock: () => number): Promise<AccountNode> {
  const { storage, locks } = navigator;
  const parts = { indexedDB, storage, locks, random: systemRandom };
  const stores = await createBrowserStores(NODE_DATABASE, parts);
  const embedded: LocalNodeDeps = {
    ...stores,
    clock,
    random: systemRandom,
    quotaBytes: rememberedFor(QUOTA_MS, clock, async () => {
      return (await browserRoom(storage)).quotaBytes ?? Number.MAX_SAFE_INTEGER;
    }),
  };
  const node = createLocalNode(embedded);
  return {
    node,
    embedded,
    pointerMemory: createLastingPointerMemory(stores.records),
    source: { database: NODE_DATABASE },
    collect: (owner, signal) => node.collect(owner, signal),
    isOnline: () => true,
  };
}

function rememberedFor<T>(ms: number, clock: () => number, ask: () => Promise<T>) {
  let known: { readonly value: Promise<T>; readonly atMs: number } | undefined;
  return (): Promise<T> => {
    if (known === undefined || clock() - known.atMs > ms) known = { value: ask(), atMs: clock() };
    return known.value;
  };
}
