/**
 * What the screens can ask for: accounts, folders, bytes, transfers, places. The work is done by
 * the engine in a worker of its own; this side only asks. Nothing imported here brings a key,
 * a block or the code that handles them into the page.
 */
import { connectCodeReader, type CodeReader } from '#lib/codes/index.ts';
import codeReaderUrl from '#lib/workers/code-reader.ts?worker&url';
import cipherUrl from '#lib/workers/cipher.ts?worker&url';
import engineUrl from '#lib/workers/engine.ts?worker&url';
import { cipherWorkerCount } from './page-ciphers.ts';
import { createPageClient } from './page-client.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import { trustedScript } from './trusted-script.ts';
import type { Client } from './types.ts';

export { canonical, parseUrl } from '#lib/bytes/index.ts';
export { CHUNK_BYTES } from '#lib/codec/index.ts';
export type { CodeReader, Frame } from '#lib/codes/index.ts';
export { isAddressOfOneVersion, isSharedOrigin, stableAddress } from './gateway-address.ts';
export { createServiceWorkerLink } from './service-worker-link.ts';
export type { ServiceWorkerLink, ServiceWorkerLinkOptions } from './service-worker-link.ts';
export { trustedScript } from './trusted-script.ts';
export type * from './types.ts';

export interface ClientOptions {
  /** Without one, files are shown and saved through the page. */
  readonly serviceWorker?: ServiceWorkerLink;
}

/** Starts the engine in a worker. Needs a browser. */
export function createClient(options: ClientOptions = {}): Client {
  return createPageClient({
    startEngine: () =>
      new Worker(trustedScript(engineUrl), { type: 'module', name: 'pyrgos-engine' }),
    startCiphers: () =>
      Array.from(
        { length: cipherWorkerCount(navigator.hardwareConcurrency) },
        () => new Worker(trustedScript(cipherUrl), { type: 'module', name: 'pyrgos-cipher' }),
      ),
    serviceWorker: options.serviceWorker,
    isFirstVisit,
    onPutAside,
  });
}

/** Starts a reader of QR codes in a worker of its own. Needs a browser. */
export function createCodeReader(): CodeReader {
  return connectCodeReader(
    new Worker(trustedScript(codeReaderUrl), { type: 'module', name: 'pyrgos-code-reader' }),
  );
}

/** A page that was put aside comes back without its engine, so it is loaded anew. */
function onPutAside(listener: () => void): void {
  addEventListener('pagehide', ({ persisted }) => {
    if (persisted) listener();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
}

/** A browser that does not say within this time what it keeps is not asked again. */
const FIRST_VISIT_MS = 1_000;

/** This browser never ran the engine: its first start makes the databases. */
async function isFirstVisit(): Promise<boolean> {
  const unanswered = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), FIRST_VISIT_MS);
  });
  try {
    return (await Promise.race([indexedDB.databases(), unanswered]))?.length === 0;
  } catch {
    return false;
  }
}
