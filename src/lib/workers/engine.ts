/**
 * The engine worker: wires the engine to this browser — IndexedDB, cipher workers, other tabs — and
 * answers the page. Nothing else happens here.
 */
import { openSavedLogins } from '#lib/account/index.ts';
import {
  answerWithError,
  createEngine,
  createThumbnailer,
  trustedScript,
  type Engine,
  type Wire,
} from '#lib/client/engine/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createLocalNode } from '#lib/node/index.ts';
import { createLastingPointerMemory } from '#lib/pointers/index.ts';
import { createIndexedDbStores } from '#lib/stores/index.ts';
import { createWriterLock } from '#lib/writers/index.ts';
import cipherUrl from './cipher.ts?worker&url';
import { cipherWorkerCount, createCipherPool } from './cipher-pool.ts';

/** Blocks, pointers, names: only what the protocol shows to a storage node. */
const NODE_DATABASE = 'pyrgos-node';
/** Known accounts and what keeps them signed in. */
const LOGINS_DATABASE = 'pyrgos-logins';
const TABS_CHANNEL = 'pyrgos-tabs';
/** The browser's estimate is slow to make and is asked for with every batch of blocks. */
const QUOTA_MS = 10_000;

const wire = earlyWire();
start().then(
  (engine) => engine.serve(wire),
  (error: unknown) => answerWithError(wire, error),
);

async function start(): Promise<Engine> {
  const clock = (): number => Date.now();
  const [stores, savedLogins] = await Promise.all([
    createIndexedDbStores(NODE_DATABASE),
    openSavedLogins(LOGINS_DATABASE, systemRandom, clock),
    startCrypto(),
  ]);
  const { storage, locks, hardwareConcurrency } = navigator;
  const node = createLocalNode({
    ...stores,
    clock,
    random: systemRandom,
    quotaBytes: rememberedFor(QUOTA_MS, clock, async () => {
      return (await storage?.estimate())?.quota ?? Number.MAX_SAFE_INTEGER;
    }),
  });
  const startCipher = (): Worker =>
    new Worker(trustedScript(cipherUrl), { type: 'module', name: 'pyrgos-cipher' });
  return createEngine({
    node,
    database: NODE_DATABASE,
    savedLogins,
    random: systemRandom,
    clock,
    tabChannel: new BroadcastChannel(TABS_CHANNEL),
    storageManager: storage,
    drive: {
      cipher: createCipherPool(
        cipherWorkerCount(hardwareConcurrency),
        startCipher,
        createLocalChunkCipher(systemRandom),
      ),
      pointerMemory: createLastingPointerMemory(stores.records),
      lock: createWriterLock(locks),
      thumbnailer: createThumbnailer(),
    },
  });
}

function rememberedFor<T>(ms: number, clock: () => number, ask: () => Promise<T>) {
  let known: { readonly value: Promise<T>; readonly atMs: number } | undefined;
  return (): Promise<T> => {
    if (known === undefined || clock() - known.atMs > ms) known = { value: ask(), atMs: clock() };
    return known.value;
  };
}

/** Keeps what the page says before the engine listens. */
function earlyWire(): Wire {
  const early: MessageEvent[] = [];
  const listeners = new Set<(event: MessageEvent) => void>();
  addEventListener('message', (event: MessageEvent) => {
    if (listeners.size === 0) early.push(event);
    for (const listener of listeners) listener(event);
  });
  return {
    postMessage: (message, transfer) => postMessage(message, { transfer: transfer ?? [] }),
    addEventListener(_type, listener) {
      listeners.add(listener);
      for (const event of early.splice(0)) listener(event);
    },
    removeEventListener: (_type, listener) => void listeners.delete(listener),
  };
}
