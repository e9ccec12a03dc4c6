/**
 * Opens a file of the embedded node from inside the service worker: the same node code and the same
 * checks as everywhere, on the same database and files as the engine's.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { staticEngines } from '#lib/crypto/static-engines.ts';
import { capabilityFromCbor, createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createFileReader, type ReaderDeps } from '#lib/drive/index.ts';
import { createLocalNode } from '#lib/node/index.ts';
import { createPointerMemory } from '#lib/pointers/index.ts';
import { createBrowserStores } from '#lib/stores/index.ts';
import type { NodeSource } from '#lib/tickets/index.ts';
import { createBlockCache } from '#lib/writers/index.ts';
import type { FileSource } from './answer.ts';

/** Structure only, never content: the way to a chunk, so that a seek reads little else. */
const BLOCK_CACHE_BYTES = 4 * 1024 * 1024;

const nodes = new Map<string, Promise<ReaderDeps>>();

/** Opens the file a capability (CBOR, A-7 §1) names in the embedded node of a source. */
export async function openEmbeddedFile(
  { database }: NodeSource,
  capability: Uint8Array,
): Promise<FileSource> {
  let node = nodes.get(database);
  if (node === undefined) {
    node = openNode(database);
    nodes.set(database, node);
    node.catch(() => nodes.delete(database));
  }
  return createFileReader(await node, capabilityFromCbor(decodeBlock(capability)));
}

/** `import()` is forbidden here, and a seek should not wait for the test of what is not used. */
const CRYPTO = { engines: staticEngines, operations: ['open', 'sha256', 'sha256Now'] } as const;

async function openNode(database: string): Promise<ReaderDeps> {
  const parts = { indexedDB, storage: navigator.storage, random: systemRandom };
  const [stores] = await Promise.all([createBrowserStores(database, parts), startCrypto(CRYPTO)]);
  const clock = (): number => Date.now();
  return {
    node: createLocalNode({ ...stores, clock, random: systemRandom }),
    cipher: createLocalChunkCipher(systemRandom),
    clock,
    random: systemRandom,
    pointerMemory: createPointerMemory(),
    blockCache: createBlockCache(BLOCK_CACHE_BYTES),
  };
}
