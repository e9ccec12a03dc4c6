/**
 * Stands between a browser and a server of this machine and keeps every byte the browser sends, of
 * pages, workers and the service worker alike.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export class RecordingProxy {
  /** By connection, so that a body follows its head. */
  readonly #sent: Buffer[][] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      const target = connect(targetPort, '127.0.0.1');
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          target.destroy();
        });
      }
      const sent: Buffer[] = [];
      this.#sent.push(sent);
      client.on('data', (bytes: Buffer) => sent.push(bytes));
      client.pipe(target);
      target.pipe(client);
    });
  }

  /** At a free port. */
  static async to(targetPort: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Without a slash at the end. */
  get origin(): string {
    return `http://localhost:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** All that was sent so far, one connection after the other: addresses, headers and bodies. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent.flat());
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
