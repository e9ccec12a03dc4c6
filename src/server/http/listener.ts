/**
 * The listening socket and its limits: how large headers may be, how long they and a request may
 * take to acceptMigration, how long a connection may stand still, how many there may be, and how many from
 * one address. A client that is slower is answered 408 by Node, or cut off; a connection too many
 * is closed.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rateKey } from './client-address.ts';

export interface ListenerLimits {
  readonly headersWithinMs: number;
  readonly requestWithinMs: number;
  /** Without a byte in either direction. */
  readonly stillnessMs: number;
  readonly keepAliveMs: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Limits of sockets. The handler limits bodies more tightly; these end what gets past it. */
export const DEFAULT_LIMITS: Omit<ListenerLimits, 'maxConnections'> = {
  headersWithinMs: 15_000,
  requestWithinMs: 300_000,
  stillnessMs: 60_000,
  // Longer than the 60 s for which proxies keep connections, so that it is they who close them.
  keepAliveMs: 75_000,
  // The longest query: 20 keys of a champ with their BATs, in base58.
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  // Six of each browser in a large house, and of a few programs that open fifty.
  maxConnectionsPerAddress: 256,
};

export interface Listener {
  readonly port: number;
  readonly connections: number;
  /** To be called at once: nothing is answered before. */
  answerWith(answer: Answer): void;
  /**
   * Takes no more connections, lets requests under way end, then cuts off what is left after
   * `withinMs`.
   */
  close(withinMs: number): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Listens. `isShared` says of which addresses any number of connections may come, as of a proxy's.
 * Rejects with Node's own error where the address cannot be had.
 */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  limits: ListenerLimits,
  isShared: (address: string | undefined) => boolean,
): Promise<Listener> {
  let isStopping = false;
  const server = createServer({
    headersTimeout: limits.headersWithinMs,
    requestTimeout: limits.requestWithinMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersWithinMs),
    maxHeaderSize: limits.maxHeaderBytes,
    noDelay: true,
  });
  server.maxHeadersCount = limits.maxHeaders;
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.stillnessMs;
  let connections = 0;
  const crowds = new Crowds(limits.maxConnectionsPerAddress);
  server.on('connection', (socket) => {
    const { remoteAddress } = socket;
    connections++;
    socket.once('close', () => connections--);
    if (isShared(remoteAddress)) return;
    const leave = crowds.enter(rateKey(remoteAddress ?? ''));
    if (leave === undefined) socket.destroy();
    else socket.once('close', leave);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    answerWith: (answer) => {
      server.on('request', (request, response) => {
        if (isStopping) response.setHeader('connection', 'close');
        void answer(request, response);
      });
    },
    close: (withinMs) => {
      isStopping = true;
      return close(server, withinMs);
    },
  };
}

/** How many connections each client has. */
class Crowds {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What to call when the connection ends; `undefined`: there are enough already. */
  enter(client: string): (() => void) | undefined {
    const count = this.#counts.get(client) ?? 0;
    if (count >= this.#most) return undefined;
    this.#counts.set(client, count + 1);
    return () => {
      const left = (this.#counts.get(client) ?? 1) - 1;
      if (left === 0) this.#counts.delete(client);
      else this.#counts.set(client, left);
    };
  }
}

function close(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, withinMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
