/**
 * Ears of the network on an address of this machine that is not the loopback: browsers send STUN
 * only to others. HTTP, WebSocket and UDP; whatever arrives is a leak.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface Listeners {
  /** `http://192.0.2.2:1234` */
  readonly http: string;
  readonly webSocket: string;
  /** `stun:192.0.2.2:1234` */
  readonly stun: string;
  readonly address: string;
  /** What arrived: `connection`, `GET /image`, `upgrade /socket`, `udp`. */
  heard(): readonly string[];
  forget(): void;
  close(): Promise<void>;
}

export async function listen(): Promise<Listeners> {
  const address = ownAddress();
  let heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${String(request.method)} ${String(request.url)}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
    response.end('heard');
  });
  server.on('connection', () => heard.push('connection'));
  server.on('upgrade', (request, socket) => {
    heard.push(`upgrade ${String(request.url)}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', () => heard.push('udp'));
  await new Promise<void>((resolve) => udp.bind(0, address, resolve));
  return {
    http: `http://${address}:${String(port)}`,
    webSocket: `ws://${address}:${String(port)}`,
    stun: `stun:${address}:${String(udp.address().port)}`,
    address,
    heard: () => heard,
    forget: () => (heard = []),
    close: () =>
      new Promise((resolve) => {
        udp.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Throws a sentence where this machine has no other address than the loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) {
    throw new Error(
      'The test of leaks needs an IPv4 address that is not the loopback, and this machine has none. ' +
        'As root: ip link add leak type dummy && ip addr add 192.0.2.77/32 dev leak && ip link set leak up.',
    );
  }
  return found.address;
}
