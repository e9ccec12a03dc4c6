/**
 * The engine's side of tickets: it grants the service worker the reading of one file (or of the
 * files of one archive), answers a restarted service worker that asks again, and hears how far the
 * bytes have come. What a port says is parsed; malformed messages are dropped.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  parseTicketMessage,
  ticketId,
  type ArchiveTicket,
  type FileTicket,
  type TicketMessage,
} from '#lib/tickets/index.ts';

export type TicketProgress = Omit<Extract<TicketMessage, { type: 'progress' }>, 'type' | 'id'>;
type NewTicket = Omit<FileTicket, 'id'> | Omit<ArchiveTicket, 'id'>;

interface Granted {
  readonly ticket: FileTicket | ArchiveTicket;
  readonly onProgress: ((progress: TicketProgress) => void) | undefined;
}

/** How long a grant waits for the service worker to say that it has the ticket. */
const GRANT_TIMEOUT_MS = 5_000;

export class TicketIssuer {
  readonly #random: Random;
  readonly #openCipherPort: () => MessagePort | undefined;
  readonly #openPeersPort: () => MessagePort | undefined;
  readonly #ports = new Set<MessagePort>();
  readonly #granted = new Map<string, Granted>();
  readonly #waiting = new Map<string, () => void>();

  constructor(
    random: Random,
    openCipherPort: () => MessagePort | undefined = () => undefined,
    openPeersPort: () => MessagePort | undefined = () => undefined,
  ) {
    this.#random = random;
    this.#openCipherPort = openCipherPort;
    this.#openPeersPort = openPeersPort;
  }

  /** Takes one end of a channel whose other end the service worker holds. */
  connect(port: MessagePort): void {
    this.#ports.add(port);
    port.addEventListener('message', (event: MessageEvent) => {
      let message: TicketMessage;
      try {
        message = parseTicketMessage(event.data);
      } catch {
        return;
      }
      this.#receive(message, port);
    });
    port.addEventListener('close', () => this.#ports.delete(port));
    port.start();
    const cipher = this.#openCipherPort();
    if (cipher !== undefined) {
      port.postMessage({ type: 'cipher' } satisfies TicketMessage, [cipher]);
    }
    const peers = this.#openPeersPort();
    if (peers !== undefined) port.postMessage({ type: 'peers' } satisfies TicketMessage, [peers]);
  }

  /** Grants a ticket; resolves with its id once a service worker has it, or after a while. */
  async grant(ticket: NewTicket, onProgress?: (progress: TicketProgress) => void): Promise<string> {
    const id = ticketId(this.#random);
    const granted: Granted = { ticket: { ...ticket, id }, onProgress };
    this.#granted.set(id, granted);
    if (this.#ports.size === 0) return id; // it will be asked for
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GRANT_TIMEOUT_MS);
      this.#waiting.set(id, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#tell({ type: 'grant', ticket: granted.ticket });
    });
    this.#waiting.delete(id);
    return id;
  }

  revoke(id: string): void {
    if (this.#granted.delete(id)) this.#tell({ type: 'revoke', id });
  }

  /** Takes everything back and hangs up: the session ends. */
  close(): void {
    this.#granted.clear();
    this.#tell({ type: 'revoke', id: '' });
  }

  #receive(message: TicketMessage, port: MessagePort): void {
    if (message.type === 'granted') {
      this.#waiting.get(message.id)?.();
    } else if (message.type === 'ask') {
      const granted = this.#granted.get(message.id);
      port.postMessage(
        granted === undefined
          ? { type: 'unknown', id: message.id }
          : { type: 'grant', ticket: granted.ticket },
      );
    } else if (message.type === 'progress') {
      const { doneBytes, state, error, unreadable } = message;
      this.#granted.get(message.id)?.onProgress?.({
        doneBytes,
        state,
        ...(error === undefined ? {} : { error }),
        ...(unreadable === undefined ? {} : { unreadable }),
      });
    }
  }

  #tell(message: TicketMessage): void {
    for (const port of this.#ports) port.postMessage(message);
  }
}
