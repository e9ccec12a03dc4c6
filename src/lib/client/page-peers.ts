/**
 * Connections to nodes that are named by multiaddr, which only a page can make. The code for that is
 * loaded when the engine asks for the first one.
 */
import type { Caller, Wire } from '#lib/rpc/index.ts';
import type { EngineProtocol } from './engine-protocol.ts';

/** Makes connections for an engine; the result ends them. */
export function connectPeers(engine: Caller<EngineProtocol>): () => void {
  const { port1, port2 } = new MessageChannel();
  let end: (() => void) | undefined;
  let isOver = false;
  const early: MessageEvent[] = [];
  const note = (event: MessageEvent): void => {
    if (early.push(event) > 1) return;
    void import('#lib/webrtc/page.ts').then(({ serveConnections }) => {
      port1.removeEventListener('message', note);
      if (!isOver) end = serveConnections(wire);
    });
  };
  const wire: Wire = {
    postMessage: (message, transfer) => port1.postMessage(message, transfer ?? []),
    addEventListener: (type, listener) => {
      port1.addEventListener(type, listener);
      for (const event of early.splice(0)) listener(event);
    },
    removeEventListener: (type, listener) => port1.removeEventListener(type, listener),
  };
  port1.addEventListener('message', note);
  port1.start();
  // An engine that was replaced needs none.
  engine.call('connectPeers', [port2], { transfer: [port2] }).catch(() => undefined);
  return () => {
    isOver = true;
    end?.();
    port1.close();
  };
}
