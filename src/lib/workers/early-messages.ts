/**
 * What a worker is told while the code that listens is still loading. Only a worker's entry uses
 * this, and nothing imports an entry (`scripts/site/thin-workers.ts` says why).
 */
import type { Wire } from '#lib/rpc/index.ts';

/** The worker's side of its messages; the first listener hears those that came before it. */
export function earlyMessages(): Wire {
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
