/**
 * How a service worker asks nodes that are named by multiaddr: through the engine of a page, since a
 * connection lives in a page.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import type { Fetch } from '#lib/node-http/index.ts';
import {
  bytes,
  connect,
  count,
  nullable,
  object,
  serve,
  shape,
  text,
  texts,
} from '#lib/rpc/index.ts';
import type { Caller, Parsed } from '#lib/rpc/index.ts';

const peerCalls = {
  /** Node, method, path with query, body. */
  ask: shape(
    [text, text, text, nullable(bytes)],
    object({ status: count, headers: texts, body: bytes }),
  ),
};

type Asked = readonly [node: string, method: string, path: string, body: Uint8Array | undefined];
type Answered = Parsed<typeof peerCalls.ask.result>;

/** Longer than any answer that a service worker reads. */
const MAX_BYTES = 32 * 1024 * 1024;

/** No page is open whose engine could ask, or the answer is too long to be passed on. */
class PeersAway extends PyrgosError {
  override readonly name = 'PeersAway';
  override readonly kind = 'offline';
  constructor() {
    super('The node can only be reached while a page of the app is open.');
  }
}

/** The engine's side; answers the port for a service worker. */
export function servePeers(fetchAt: (multiaddr: string) => Fetch): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serve(port1, peerCalls, {
    ask: async ({ signal }, node, method, path, body) => {
      const init = { method, signal, ...(body === undefined ? {} : { body: body.slice() }) };
      const answer = await fetchAt(node)(new Request(`http://node.invalid${path}`, init));
      const { status } = answer;
      return { status, headers: Object.fromEntries(answer.headers), body: await wholeOf(answer) };
    },
  });
  port1.start();
  return port2;
}

async function wholeOf({ body }: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return concat(...pieces);
    pieces.push(value);
    length += value.length;
    if (length <= MAX_BYTES) continue;
    await reader?.cancel();
    throw new PeersAway();
  }
}

/** The service worker's side. */
export class RemotePeers {
  #caller: Caller<typeof peerCalls> | undefined;

  /** Takes a port to an engine; the latest is used. */
  connect(port: MessagePort): void {
    this.#caller?.close(new PeersAway());
    const caller = connect(port, peerCalls);
    this.#caller = caller;
    port.addEventListener('close', () => {
      caller.close(new PeersAway());
      if (this.#caller === caller) this.#caller = undefined;
    });
    port.start();
  }

  /** As of the platform's `fetch`, whatever keeps an answer away is a `TypeError`. */
  fetchAt(multiaddr: string): Fetch {
    return async (request) => {
      const { method, url, signal } = request;
      const { pathname, search } = new URL(url);
      const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
      const args = [multiaddr, method, pathname + search, body] as const;
      const answer = await this.#ask(args, signal);
      const { status, headers } = answer;
      const content = answer.body.length === 0 ? null : (answer.body as Uint8Array<ArrayBuffer>);
      return new Response(content, { status, headers });
    };
  }

  async #ask(args: Asked, signal: AbortSignal): Promise<Answered> {
    try {
      if (this.#caller === undefined) throw new PeersAway();
      return await this.#caller.call('ask', [...args], { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new TypeError('The node cannot be reached.', { cause: error });
    }
  }
}
