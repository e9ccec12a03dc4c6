import { describe, expect, test } from 'vitest';
import { ticketId, type FileTicket, type TicketMessage } from '#lib/tickets/index.ts';
import { TicketBook, type TicketPort } from './ticket-book.ts';

const ID = ticketId((length) => new Uint8Array(length).fill(7));

function fileTicket(id: string): FileTicket {
  return {
    kind: 'file',
    id,
    name: 'film.mp4',
    database: 'test',
    capability: new Uint8Array([1]),
    mimeType: 'video/mp4',
    disposition: 'inline',
  };
}

/** An engine at the other end of a port: holds tickets, answers what it is asked. */
function engine(tickets: readonly FileTicket[]): { port: TicketPort; received: TicketMessage[] } & {
  send(message: unknown): void;
} {
  const received: TicketMessage[] = [];
  let listener = (_: MessageEvent): void => undefined;
  const send = (message: unknown): void => {
    queueMicrotask(() => listener(new MessageEvent('message', { data: message })));
  };
  const port: TicketPort = {
    postMessage(message) {
      received.push(message);
      if (message.type !== 'ask') return;
      const ticket = tickets.find(({ id }) => id === message.id);
      send(ticket ? { type: 'grant', ticket } : { type: 'unknown', id: message.id });
    },
    addEventListener: (_type, added) => (listener = added),
    start: () => undefined,
  };
  return { port, received, send };
}

describe('the ticket book', () => {
  test('answers a granted ticket and confirms the grant', async () => {
    const book = new TicketBook({ wantPorts: () => Promise.reject(new Error('not needed')) });
    const { port, received, send } = engine([]);
    book.addPort(port);
    send({ type: 'grant', ticket: fileTicket(ID) });
    await new Promise((resolve) => setTimeout(resolve));
    expect(received).toEqual([{ type: 'granted', id: ID }]);
    expect(await book.find(ID)).toEqual(fileTicket(ID));
  });

  test('asks the pages again after a restart', async () => {
    const { port } = engine([fileTicket(ID)]);
    const other = engine([]);
    const book: TicketBook = new TicketBook({
      wantPorts: () => {
        book.addPort(other.port);
        book.addPort(port);
        return Promise.resolve(2);
      },
    });
    const found = await Promise.all([book.find(ID), book.find(ID)]);
    expect(found).toEqual([fileTicket(ID), fileTicket(ID)]);
  });

  test('gives up on a ticket as soon as every engine has said that it knows none', async () => {
    const book: TicketBook = new TicketBook({
      wantPorts: () => {
        book.addPort(engine([]).port);
        book.addPort(engine([]).port);
        return Promise.resolve(2);
      },
      askTimeoutMs: 1_000_000,
    });
    expect(await book.find(ID)).toBeUndefined();
    expect(await book.find(ID)).toBeUndefined();
  });

  test('waits no longer than it may for an engine that says nothing', async () => {
    const book = new TicketBook({ wantPorts: () => Promise.resolve(1), askTimeoutMs: 5 });
    expect(await book.find(ID)).toBeUndefined();
  });

  test('forgets revoked tickets, and only the engine that granted one can revoke it', async () => {
    const revoked: string[] = [];
    const book = new TicketBook({ wantPorts: () => Promise.resolve(1), askTimeoutMs: 5 });
    book.onRevoke((id) => revoked.push(id));
    const mine = engine([]);
    const stranger = engine([]);
    book.addPort(mine.port);
    book.addPort(stranger.port);
    mine.send({ type: 'grant', ticket: fileTicket(ID) });
    stranger.send({ type: 'revoke', id: '' });
    await new Promise((resolve) => setTimeout(resolve));
    expect(await book.find(ID)).toBeDefined();
    mine.send({ type: 'revoke', id: ID });
    await new Promise((resolve) => setTimeout(resolve));
    expect(revoked).toEqual([ID]);
    expect(await book.find(ID)).toBeUndefined();
  });

  test.each([
    null,
    'grant',
    {},
    { type: 'grant' },
    { type: 'grant', ticket: { ...fileTicket(ID), id: '../x' } },
    { type: 'grant', ticket: { ...fileTicket(ID), capability: 'text' } },
    { type: 'grant', ticket: { ...fileTicket(ID), disposition: 'execute' } },
    { type: 'constructor' },
  ])('drops the malformed message %j and lives on', async (message) => {
    const book = new TicketBook({ wantPorts: () => Promise.resolve(1), askTimeoutMs: 5 });
    const { port, send } = engine([]);
    book.addPort(port);
    send(message);
    await new Promise((resolve) => setTimeout(resolve));
    expect(await book.find(ID)).toBeUndefined();
    send({ type: 'grant', ticket: fileTicket(ID) });
    await new Promise((resolve) => setTimeout(resolve));
    expect(await book.find(ID)).toBeDefined();
  });
});
