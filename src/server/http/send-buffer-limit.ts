/**
 * The send buffers: answers that their clients have not received yet. A client that requests much and
 * reads nothing makes the node keep many prepared answers, also on one connection. So there is a limit
 * for each client and for all together, above which no further answer is prepared. Buffered bytes
 * count against the budget of answers in preparation.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnswerBudget } from '#lib/node-http/index.ts';

export interface SendBufferLimits {
  readonly perClientBytes: number;
  readonly allBytes: number;
}

/** Fifty blocks at once, as clients of the protocol ask (B-1 §1.8), on the slowest of lines. */
const DEFAULTS: SendBufferLimits = {
  perClientBytes: 64 * 1024 * 1024,
  allBytes: 512 * 1024 * 1024,
};

export class SendBuffers {
  readonly #answers: AnswerBudget;
  readonly #limits: SendBufferLimits;
  /** Bytes by client, of clients with any. */
  readonly #clients = new Map<string, number>();
  /** Called when a connection ends before its answers were sent. */
  readonly #endings = new WeakMap<Socket, Set<() => void>>();
  #bytes = 0;

  constructor(answers: AnswerBudget, limits: SendBufferLimits = DEFAULTS) {
    this.#answers = answers;
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether this client, or all together, reached the limit. */
  isFullFor(client: string | undefined): boolean {
    const own = client === undefined ? 0 : (this.#clients.get(client) ?? 0);
    return own >= this.#limits.perClientBytes || this.#bytes >= this.#limits.allBytes;
  }

  /** Counts an answer until it is sent or its connection ends. */
  count(client: string | undefined, bytes: number, response: ServerResponse): void {
    const { socket } = response.req;
    if (response.writableFinished || socket.destroyed) return;
    this.#add(client, bytes);
    const giveBack = this.#answers.hold(client, bytes);
    const endings = this.#endingsOf(socket);
    const end = (): void => {
      if (!endings.delete(end)) return;
      this.#add(client, -bytes);
      giveBack();
    };
    endings.add(end);
    response.once('finish', end);
  }

  #endingsOf(socket: Socket): Set<() => void> {
    let endings = this.#endings.get(socket);
    if (endings === undefined) {
      const all = (endings = new Set());
      this.#endings.set(socket, all);
      // A queued response gets no event when its connection ends.
      socket.once('close', () => {
        for (const end of all) end();
      });
    }
    return endings;
  }

  #add(client: string | undefined, bytes: number): void {
    this.#bytes += bytes;
    if (client === undefined) return;
    const own = (this.#clients.get(client) ?? 0) + bytes;
    if (own === 0) this.#clients.delete(client);
    else this.#clients.set(client, own);
  }
}
