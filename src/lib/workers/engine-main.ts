/**
 * The engine worker: wires the engine to this browser — IndexedDB, cipher workers, other tabs — and
 * answers the page. Nothing else happens here.
 */
import { keepNoLogins, openSavedLogins } from '#lib/account/index.ts';
import {
  createEngine,
  openDraftRecords,
  createThumbnailer,
  isSharedOrigin,
  type Engine,
} from '#lib/client/engine/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { answerWithError, type Wire } from '#lib/rpc/index.ts';
import { createWriterLock } from '#lib/writers/index.ts';
import { openBrowserNodes } from './browser-nodes.ts';
import { createCipherPool } from './cipher-pool.ts';
import { pageCiphers } from './page-ciphers.ts';
import { pagePeers } from './page-peers.ts';

/** Known accounts and what keeps them signed in. */
const LOGINS_DATABASE = 'pyrgos-logins';
/** Unsaved work, sealed under the key of its account. */
const DRAFTS_DATABASE = 'pyrgos-drafts';
const TABS_CHANNEL = 'pyrgos-tabs';

/** Answers the page's calls, with what went wrong if the engine could not start. */
export function runEngine(wire: Wire): void {
  start().then(
    (engine) => engine.serve(wire),
    (error: unknown) => answerWithError(wire, error),
  );
}

async function start(): Promise<Engine> {
  const clock = (): number => Date.now();
  const peers = pagePeers(systemRandom, clock);
  const [nodes, savedLogins] = await Promise.all([
    openBrowserNodes(clock, peers),
    openSavedLogins(LOGINS_DATABASE, systemRandom, clock),
    startCrypto(),
  ]);
  const { storage, locks } = navigator;
  const cipher = createCipherPool(createLocalChunkCipher(systemRandom));
  return createEngine({
    nodes,
    savedLogins: isSharedOrigin(location) ? keepNoLogins(savedLogins) : savedLogins,
    draftRecords: openDraftRecords(DRAFTS_DATABASE),
    random: systemRandom,
    clock,
    tabChannel: new BroadcastChannel(TABS_CHANNEL),
    storageManager: storage,
    ciphers: pageCiphers(cipher),
    peers,
    drive: {
      cipher,
      lock: createWriterLock(locks),
      thumbnailer: createThumbnailer(),
    },
  });
}
