/**
 * Requests for tickets: finds the ticket, opens the file it is for, answers, and tells the engine
 * how far the bytes of a download have come.
 */
import { LruMap } from '#lib/collections/index.ts';
import type { FileTicket, NodeSource, Ticket, UnreadableEntry } from '#lib/tickets/index.ts';
import { answerFile, plain, refusal, type FileSource } from './answer.ts';
import { answerArchive, type ArchiveListener } from './archive.ts';
import type { TicketRegistry } from './ticket-registry.ts';

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 200;
/** Open files kept between requests of a player. */
const OPEN_FILES = 8;

export interface ResponderDeps {
  readonly book: TicketRegistry;
  readonly open: (source: NodeSource, capability: Uint8Array) => Promise<FileSource>;
  readonly now: () => number;
}

export class Responder {
  readonly #deps: ResponderDeps;
  readonly #files = new LruMap<string, Promise<FileSource>>(OPEN_FILES);

  constructor(deps: ResponderDeps) {
    this.#deps = deps;
    deps.book.onRevoke((id) => this.#files.delete(id));
  }

  /** The answer to a request for ticket `id`. `onFinished` gets what settles with the last byte. */
  async answer(
    request: Request,
    id: string,
    onFinished: (finished: Promise<unknown>) => void,
  ): Promise<Response> {
    const refused = refusal(request);
    if (refused !== undefined) return refused;
    const ticket = await this.#deps.book.find(id);
    if (ticket === undefined) return plain(410, 'This address is no longer in use.');
    const { listener, finish } = this.#listener(ticket);
    onFinished(finish.promise);
    if (ticket.kind === 'archive') {
      const open = (capability: Uint8Array): Promise<FileSource> =>
        this.#deps.open(ticket.source, capability);
      const response = answerArchive(request, ticket, open, listener);
      if (response.body === null) finish.resolve(undefined);
      return response;
    }
    try {
      const response = answerFile(request, ticket, await this.#open(ticket), listener);
      if (response.body === null) finish.resolve(undefined);
      return response;
    } catch (error) {
      listener.onEnd('failed', error);
      return plain(500, error instanceof Error ? error.message : 'This file cannot be read.');
    }
  }

  #open(ticket: FileTicket): Promise<FileSource> {
    const known = this.#files.get(ticket.id);
    if (known !== undefined) return known;
    const file = this.#deps.open(ticket.source, ticket.capability);
    this.#files.set(ticket.id, file);
    file.catch(() => this.#files.delete(ticket.id));
    return file;
  }

  #listener(ticket: Ticket): {
    listener: ArchiveListener;
    finish: PromiseWithResolvers<undefined>;
  } {
    const finish = Promise.withResolvers<undefined>();
    const tells = ticket.kind === 'archive' || ticket.disposition === 'attachment';
    let doneBytes = 0;
    let toldAtMs = 0;
    let unreadable: UnreadableEntry[] = [];
    const tell = (state: 'running' | 'done' | 'failed' | 'cancelled', error?: string): void => {
      if (!tells) return;
      this.#deps.book.report(ticket.id, {
        doneBytes,
        state,
        ...(error ? { error } : {}),
        ...(unreadable.length > 0 ? { unreadable } : {}),
      });
      unreadable = [];
    };
    const listener: ArchiveListener = {
      onUnreadable: (entry, reason) => void unreadable.push({ entry, reason }),
      onBytes: (count) => {
        doneBytes += count;
        if (this.#deps.now() - toldAtMs < PROGRESS_INTERVAL_MS) return;
        toldAtMs = this.#deps.now();
        tell('running');
      },
      onEnd: (state, error) => {
        tell(state, error instanceof Error ? error.message : undefined);
        finish.resolve(undefined);
      },
    };
    return { listener, finish };
  }
}
