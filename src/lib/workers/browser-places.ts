/**
 * The nodes this browser's engine works with: the embedded one on its own storage, made at the start, and
 * servers, each opened when an account there is first used.
 */
import { serverOrigin, type NodePlace, type NodePlaces } from '#lib/client/engine/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createLocalNode, NotOffered } from '#lib/node/index.ts';
import { createLastingPointerMemory } from '#lib/pointers/index.ts';
import { createBrowserStores } from '#lib/stores/index.ts';

/** Blocks, pointers, names: only what the protocol shows to a storage node. */
const NODE_DATABASE = 'pyrgos-node';
/** The browser's estimate is slow to make and is asked for with every batch of blocks. */
const QUOTA_MS = 10_000;

export async function openBrowserPlaces(clock: () => number): Promise<NodePlaces> {
  const embedded = await openEmbedded(clock);
  return {
    async open(server) {
      if (server === undefined) return embedded;
      throw new NotOffered(`${serverOrigin(server)} cannot be used yet.`);
    },
    ownServer: async () => undefined,
  };
}

async function openEmbedded(clock: () => number): Promise<NodePlace> {
  const { storage, locks } = navigator;
  const parts = { indexedDB, storage, locks, random: systemRandom };
  const stores = await createBrowserStores(NODE_DATABASE, parts);
  const node = createLocalNode({
    ...stores,
    clock,
    random: systemRandom,
    quotaBytes: rememberedFor(QUOTA_MS, clock, async () => {
      return (await storage?.estimate())?.quota ?? Number.MAX_SAFE_INTEGER;
    }),
  });
  return {
    node,
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
