/**
 * The cipher workers of a page's engine. The page starts them, not the engine: in Firefox a worker
 * that starts another one while a debugger listens may wait for ever, because two threads wait on
 * one condition that is signalled once (`WorkerPrivate::WaitForIsDebuggerRegistered`). The page
 * passes a port on and keeps nothing of it, so no key comes near the page.
 */
import { connect, portCalls, type Caller, type WorkerLike } from '#lib/rpc/index.ts';
import type { EngineProtocol } from './engine-protocol.ts';

/** How many workers pay off: the engine's own thread needs one core too. */
export function cipherWorkerCount(cores: number | undefined): number {
  return Math.min(4, Math.max(2, (cores ?? 2) - 1));
}

/** Connects these workers to an engine; the result ends them. */
export function connectCiphers(
  engine: Caller<EngineProtocol>,
  workers: readonly WorkerLike[],
): () => void {
  for (const [id, worker] of workers.entries()) {
    const { port1, port2 } = new MessageChannel();
    connect(worker, portCalls)
      .call('openPort', [port1], { transfer: [port1] })
      .catch(() => undefined);
    // An engine that was replaced needs none.
    engine.call('connectCipher', [id, port2], { transfer: [port2] }).catch(() => undefined);
    worker.addEventListener('error', () => {
      worker.terminate();
      engine.call('disconnectCipher', [id]).catch(() => undefined);
    });
  }
  return () => {
    for (const worker of workers) worker.terminate();
  };
}
