/**
 * Opens a file from inside the service worker: the same node code and the same checks as everywhere,
 * on the same database and files as the engine's, or at the server the account lives on.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { staticEngines } from '#lib/crypto/static-engines.ts';
import { capabilityFromCbor, createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createFileReader, type ReaderDeps } from '#lib/drive/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import type { OfflineNode } from '#lib/offline/index.ts';
import { createBrowserStores } from '#lib/stores/index.ts';
import { RemoteCipher, RemotePeers } from '#lib/workers/index.ts';
import { createServerNode } from '#lib/workers/server-node.ts';
import { looksLikeMultiaddr } from '#lib/webrtc/index.ts';
import type { NodeSource } from '#lib/tickets/index.ts';
import {
  createBlockCache,
  createPointerMemory,
  rememberBesidePending,
} from '#lib/writers/index.ts';
import type { FileSource } from './answer.ts';

/** Structure only, never content: the way to a chunk, so that a seek reads little else. */
const BLOCK_CACHE_BYTES = 4 * 1024 * 1024;

/** Chunks are opened by a page's cipher worker where one is lent. */
const cipher = new RemoteCipher(createLocalChunkCipher(systemRandom));

export function connectCipher(port: MessagePort): void {
  cipher.connect(port);
}

const peers = new RemotePeers();

export function connectPeers(port: MessagePort): void {
  peers.connect(port);
}

const nodes = new Map<string, Promise<ReaderDeps>>();

/** Opens the file a capability (CBOR, A-7 §1) names, at the embedded node or at a server. */
export async function openFile(source: NodeSource, capability: Uint8Array): Promise<FileSource> {
  const key = source.server ?? source.database;
  let node = nodes.get(key);
  if (node === undefined) {
    node = openNode(source);
    nodes.set(key, node);
    node.catch(() => nodes.delete(key));
  }
  return createFileReader(await node, capabilityFromCbor(decodeBlock(capability)));
}

/** `import()` is forbidden here, and a seek should not wait for the test of what is not used. */
const CRYPTO = { engines: staticEngines, operations: ['open', 'sha256', 'sha256Now'] } as const;

async function openNode(source: NodeSource): Promise<ReaderDeps> {
  const clock = (): number => Date.now();
  const [node] = await Promise.all([storageNode(source, clock), startCrypto(CRYPTO)]);
  const memory = createPointerMemory();
  const isOwn = 'isOwn' in node ? node.isOwn : () => false;
  return {
    node,
    cipher,
    clock,
    random: systemRandom,
    pointerMemory: rememberBesidePending(memory, isOwn),
    blockCache: createBlockCache(BLOCK_CACHE_BYTES),
  };
}

async function storageNode(
  { database, server }: NodeSource,
  clock: () => number,
): Promise<StorageNode | OfflineNode> {
  const parts = { indexedDB, storage: navigator.storage, random: systemRandom };
  const stores = await createBrowserStores(database, parts);
  // What waits for the server is played as well.
  if (server !== undefined) {
    const options = looksLikeMultiaddr(server) ? { fetch: peers.fetchAt(server) } : {};
    return createServerNode(server, stores, clock, options).node;
  }
  return createLocalNode({ ...stores, clock, random: systemRandom });
}
