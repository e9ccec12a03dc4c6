/**
 * The cipher workers that the page starts for its engine, each behind a port (`client/page-ciphers.ts`
 * says why the engine starts none itself).
 */
import type { CipherConnections } from '#lib/client/engine/index.ts';
import type { CipherPool, CipherWorker } from './cipher-pool.ts';

/** Gives the page's workers to the pool, under the page's numbers. */
export function pageCiphers(pool: CipherPool): CipherConnections {
  const removers = new Map<number, () => void>();
  return {
    connect(id, port) {
      removers.set(id, pool.add(behindPort(port)));
    },
    disconnect(id) {
      removers.get(id)?.();
      removers.delete(id);
    },
    openPort: () => pool.openPort(),
  };
}

/** The page ends the worker; here only the port is closed. */
function behindPort(port: MessagePort): CipherWorker {
  port.start();
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer ?? []),
    addEventListener: (type: string, listener: (event: MessageEvent) => void) => {
      if (type === 'message') port.addEventListener('message', listener);
    },
    removeEventListener: (_type, listener) => port.removeEventListener('message', listener),
    terminate: () => port.close(),
  };
}
