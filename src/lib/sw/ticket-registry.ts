/**
 * The service worker's tickets: granted by engines over ports, kept in memory only.
 *
 * The browser may stop the worker at any moment; it then starts empty, in the middle of a film. A
 * request for an unknown ticket therefore asks the pages for new ports, asks every engine behind
 * them for the ticket, and waits a bounded time for the first grant.
 *
 * A page has one port here, its latest; who has closed is dropped when the pages are counted, so
 * that nobody waits for the answer of a page that is gone.
 */
import { parseTicketMessage, type Ticket, type TicketMessage } from '#lib/tickets/index.ts';

/** How long a request waits for a ticket that must be asked for again. */
const ASK_TIMEOUT_MS = 8_000;

/** The part of a MessagePort the book uses. */
export interface TicketPort {
  postMessage(message: TicketMessage): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  start(): void;
  close(): void;
}

/** Ids of pages. */
export interface Pages {
  /** Pages that were asked and have not sent a port yet. */
  readonly asked: readonly string[];
  /** All that are open: some may not be ours to ask yet. */
  readonly open: readonly string[];
}

export interface TicketBookDeps {
  /** Asks all pages of the app for new ports to their engines. */
  readonly wantPorts: () => Promise<Pages>;
  /** Takes a port to a cipher worker of a page's engine. */
  readonly connectCipher?: (port: MessagePort) => void;
  /** Takes a port over which a page's engine asks nodes by multiaddr. */
  readonly connectPeers?: (port: MessagePort) => void;
  readonly askTimeoutMs?: number;
}

type Granted = { readonly ticket: Ticket; readonly port: TicketPort };
/** A request waiting for a ticket. */
interface Waiter {
  readonly wake: () => void;
  /** Pages whose engines were asked and do not know it. */
  readonly withoutTicket: Set<string>;
  /** Pages that can know it; set when they were asked for ports. */
  pages: readonly string[] | undefined;
}

type Progress = Omit<Extract<TicketMessage, { type: 'progress' }>, 'type' | 'id'>;

export class TicketRegistry {
  readonly #deps: TicketBookDeps;
  readonly #tickets = new Map<string, Granted>();
  /** By page. */
  readonly #ports = new Map<string, TicketPort>();
  readonly #waiting = new Map<string, Set<Waiter>>();
  readonly #revoked = new Set<(id: string) => void>();

  constructor(deps: TicketBookDeps) {
    this.#deps = deps;
  }

  /** Listens to the engine of a page. What it sends is parsed; malformed messages are dropped. */
  addPort(page: string, port: TicketPort): void {
    this.#ports.set(page, port);
    port.addEventListener('message', (event) => {
      let message: TicketMessage;
      try {
        message = parseTicketMessage(event.data);
      } catch {
        return;
      }
      const [given] = event.ports;
      if (message.type === 'cipher' && given !== undefined) this.#deps.connectCipher?.(given);
      else if (message.type === 'peers' && given !== undefined) this.#deps.connectPeers?.(given);
      else this.#receive(message, page, port);
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

  #receive(message: TicketMessage, page: string, port: TicketPort): void {
    if (message.type === 'grant') {
      this.#tickets.set(message.ticket.id, { ticket: message.ticket, port });
      port.postMessage({ type: 'granted', id: message.ticket.id });
      for (const { wake } of this.#waiting.get(message.ticket.id) ?? []) wake();
    } else if (message.type === 'unknown') {
      for (const waiter of this.#waiting.get(message.id) ?? []) {
        waiter.withoutTicket.add(page);
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
      withoutTicket: new Set(),
      pages: undefined,
    };
    const waiters = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiters.add(waiter));
    const timer = setTimeout(waiter.wake, this.#deps.askTimeoutMs ?? ASK_TIMEOUT_MS);
    try {
      for (const port of this.#ports.values()) port.postMessage({ type: 'ask', id });
      const { asked, open } = await this.#deps.wantPorts();
      this.#keepOnly(new Set(open));
      waiter.pages = asked;
      giveUpIfNobodyKnows(waiter);
      await answered;
    } finally {
      clearTimeout(timer);
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiting.delete(id);
    }
  }

  /** Forgets the ports of pages that are closed. */
  #keepOnly(open: ReadonlySet<string>): void {
    for (const [page, port] of this.#ports) {
      if (open.has(page)) continue;
      this.#ports.delete(page);
      port.close();
    }
  }
}

function giveUpIfNobodyKnows({ pages, withoutTicket, wake }: Waiter): void {
  if (pages?.every((page) => withoutTicket.has(page)) === true) wake();
}
