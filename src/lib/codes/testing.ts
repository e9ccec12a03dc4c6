/** A code reader that works in this thread, behind a real port: for tests and the benchmark. */
import { connectCodeReader, serveCodeReader, type CodeReader } from './code-reader.ts';

export function openCodeReader(): CodeReader {
  const { port1, port2 } = new MessageChannel();
  serveCodeReader({
    postMessage: (message, transfer) => port2.postMessage(message, transfer ?? []),
    addEventListener: (type, listener) => {
      port2.addEventListener(type, listener);
      port2.start();
    },
    removeEventListener: (type, listener) => port2.removeEventListener(type, listener),
  });
  port1.start();
  return connectCodeReader(Object.assign(port1, { terminate: () => port1.close() }) as never);
}
