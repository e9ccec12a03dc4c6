/**
 * The service worker's tickets: granted by engines over ports, kept in memory only.
 *
 * The browser may stop the worker at any moment; it then starts empty, in the middle of a film. A
 * request for an unknown ticket therefore asks the pages for new ports, asks every engine behind
 * them for the ticket, and waits a bounded time for the first grant.
 */
import { parseTicketMessage, type Ticket, type TicketMessage } from '#lib/tickets/index.ts';

/** How long a request waits for a ticket that must be asked for again. */
const ASK_TIMEOUT_MS = 8_000;

/** The part of a MessagePort the book uses. */
export interface TicketPort {
  postMessage(message: TicketMessage): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  start(): void;
}

export interface TicketBookDeps {
  /** Asks all pages for new ports to their engines; tells how many pages there are. */
  readonly wantPorts: () => Promise<number>;
  readonly askTimeoutMs?: number;
}

type Granted = { readonly ticket: Ticket; readonly port: TicketPort };
/** A request waiting for a ticket. */
interface Waiter {
  readonly wake: () => void;
  /** Engines that were asked and do not know it. */
  readonly strangers: Set<TicketPort>;
  /** Engines there can be; known when all pages were asked. */
  engines: number | undefined;
}

type Progress = Omit<Extract<TicketMessage, { type: 'progress' }>, 'type' | 'id'>;

export class TicketBook {
  readonly #deps: TicketBookDeps;
  readonly #tickets = new Map<string, Granted>();
  readonly #ports = new Set<TicketPort>();
  readonly #waiting = new Map<string, Set<Waiter>>();
  readonly #revoked = new Set<(id: string) => void>();

  constructor(deps: TicketBookDeps) {
    this.#deps = deps;
  }

  /** Listens to an engine. What it sends is parsed; malformed messages are dropped. */
  addPort(port: TicketPort): void {
    this.#ports.add(port);
    port.addEventListener('message', (event) => {
      let message: TicketMessage;
      try {
        message = parseTicketMessage(event.data);
      } catch {
        return;
      }
      this.#receive(message, port);
    });
    port.start();
    for (const id of this.#waiting.keys()) port.postMessage({ type: 'ask', id });
  }

  /** The ticket with this id, asked for again if this worker was restarted; undefined = nobody's. */
  async find(id: string): Promise<Ticket | undefined> {
    const known = this.#tickets.get(id);
    if (known !== undefined) return known.ticket;
    await this.#ask(id);
    return this.#tickets.get(id)?.ticket;
  }

  /** Tells the engine that granted a ticket how far its bytes have come. */
  report(id: string, progress: Progress): void {
    this.#tickets.get(id)?.port.postMessage({ type: 'progress', id, ...progress });
  }

  /** Calls back with the id of every ticket that is taken back. */
  onRevoke(listener: (id: string) => void): void {
    this.#revoked.add(listener);
  }

  #receive(message: TicketMessage, port: TicketPort): void {
    if (message.type === 'grant') {
      this.#tickets.set(message.ticket.id, { ticket: message.ticket, port });
      port.postMessage({ type: 'granted', id: message.ticket.id });
      for (const { wake } of this.#waiting.get(message.ticket.id) ?? []) wake();
    } else if (message.type === 'unknown') {
      for (const waiter of this.#waiting.get(message.id) ?? []) {
        waiter.strangers.add(port);
        giveUpIfNobodyKnows(waiter);
      }
    } else if (message.type === 'revoke') {
      for (const [id, granted] of this.#tickets) {
        if (granted.port === port && (message.id === '' || message.id === id)) this.#revoke(id);
      }
    }
  }

  #revoke(id: string): void {
    this.#tickets.delete(id);
    for (const listener of this.#revoked) listener(id);
  }

  async #ask(id: string): Promise<void> {
    const { promise: answered, resolve: wake } = Promise.withResolvers<undefined>();
    const waiter: Waiter = {
      wake: () => wake(undefined),
      strangers: new Set(),
      engines: undefined,
    };
    const waiters = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiters.add(waiter));
    const timer = setTimeout(waiter.wake, this.#deps.askTimeoutMs ?? ASK_TIMEOUT_MS);
    try {
      const before = this.#ports.size;
      for (const port of this.#ports) port.postMessage({ type: 'ask', id });
      waiter.engines = before + (await this.#deps.wantPorts());
      giveUpIfNobodyKnows(waiter);
      await answered;
    } finally {
      clearTimeout(timer);
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiting.delete(id);
    }
  }
}

function giveUpIfNobodyKnows({ engines, strangers, wake }: Waiter): void {
  if (engines !== undefined && strangers.size >= engines) wake();
}
