/** HTTP as bytes on a socket: what no client library would send, and what truly comes back. */
import { connect, type Socket } from 'node:net';

/** Sends pieces with pauses, and answers all that came back when the other side closed. */
export async function exchange(
  port: number,
  pieces: readonly string[],
  { pauseMs = 0, giveUpMs = 10_000, localAddress = '127.0.0.1' } = {},
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const received = collect(socket, giveUpMs);
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(Buffer.from(piece, 'latin1'));
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return received;
}

/** One request whose connection ends with its answer. */
export function request(
  port: number,
  line: string,
  headers: readonly string[] = [],
  body = '',
  options: { readonly localAddress?: string } = {},
): Promise<string> {
  const hasHost = headers.some((it) => /^host:/iu.test(it));
  const all = [
    ...(hasHost ? [] : [`Host: localhost:${String(port)}`]),
    'Connection: close',
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${String(body.length)}`]),
  ];
  return exchange(port, [`${line}\r\n${all.join('\r\n')}\r\n\r\n${body}`], options);
}

function collect(socket: Socket, giveUpMs: number): Promise<string> {
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('the other side did not close'));
    }, giveUpMs);
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', () => undefined); // a reset is an end, too
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(pieces).toString('latin1'));
    });
  });
}
