import { describe, expect, test } from 'vitest';
import { ticketId, type FileTicket, type TicketMessage } from '#lib/tickets/index.ts';
import { TicketRegistry, type Pages, type TicketPort } from './ticket-registry.ts';

const ID = ticketId((length) => new Uint8Array(length).fill(7));

function fileTicket(id: string): FileTicket {
  return {
    kind: 'file',
    id,
    name: 'film.mp4',
    source: { database: 'test' },
    capability: new Uint8Array([1]),
    mimeType: 'video/mp4',
    disposition: 'inline',
  };
}

/** An engine at the other end of a port: holds tickets, answers what it is asked. */
function engine(tickets: readonly FileTicket[]): { port: TicketPort; received: TicketMessage[] } & {
  send(message: unknown): void;
  isClosed(): boolean;
} {
  const received: TicketMessage[] = [];
  let isClosed = false;
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
    close: () => (isClosed = true),
  };
  return { port, received, send, isClosed: () => isClosed };
}

/** These pages are open, and were asked. */
function pages(...ids: string[]): () => Promise<Pages> {
  return () => Promise.resolve({ asked: ids, open: ids });
}

describe('the ticket book', () => {
  test('answers a granted ticket and confirms the grant', async () => {
    const book = new TicketRegistry({ wantPorts: () => Promise.reject(new Error('not needed')) });
    const { port, received, send } = engine([]);
    book.addPort('page', port);
    send({ type: 'grant', ticket: fileTicket(ID) });
    await new Promise((resolve) => setTimeout(resolve));
    expect(received).toEqual([{ type: 'granted', id: ID }]);
    expect(await book.find(ID)).toEqual(fileTicket(ID));
  });

  test('passes on the port to a cipher worker', () => {
    const connected: MessagePort[] = [];
    const book = new TicketRegistry({
      wantPorts: () => Promise.reject(new Error('not needed')),
      connectCipher: (port) => connected.push(port),
    });
    const { port1, port2 } = new MessageChannel();
    let hear = (_: MessageEvent): void => undefined;
    const { port } = engine([]);
    book.addPort('page', { ...port, addEventListener: (_type, added) => (hear = added) });
    hear(new MessageEvent('message', { data: { type: 'cipher' }, ports: [port1] }));
    hear(new MessageEvent('message', { data: { type: 'cipher' } }));
    expect(connected).toEqual([port1]);
    port1.close();
    port2.close();
  });

  test('asks the pages again after a restart', async () => {
    const { port } = engine([fileTicket(ID)]);
    const other = engine([]);
    const book: TicketRegistry = new TicketRegistry({
      wantPorts: () => {
        book.addPort('other', other.port);
        book.addPort('mine', port);
        return pages('other', 'mine')();
      },
    });
    const found = await Promise.all([book.find(ID), book.find(ID)]);
    expect(found).toEqual([fileTicket(ID), fileTicket(ID)]);
  });

  test('gives up on a ticket as soon as every engine has said that it knows none', async () => {
    const book: TicketRegistry = new TicketRegistry({
      wantPorts: () => {
        book.addPort('one', engine([]).port);
        book.addPort('two', engine([]).port);
        return pages('one', 'two')();
      },
      askTimeoutMs: 1_000_000,
    });
    expect(await book.find(ID)).toBeUndefined();
    expect(await book.find(ID)).toBeUndefined();
  });

  test('waits for no page that has closed, and lets its port go', async () => {
    const living = engine([]);
    const gone = { ...engine([]).port, postMessage: () => undefined, close: () => (closed += 1) };
    let closed = 0;
    const book = new TicketRegistry({
      wantPorts: pages('living'),
      askTimeoutMs: 1_000_000,
    });
    book.addPort('gone', gone);
    book.addPort('living', living.port);
    expect(await book.find(ID)).toBeUndefined();
    expect(await book.find(ID)).toBeUndefined();
    expect(closed).toBe(1);
    expect(living.isClosed()).toBe(false);
  });

  test('counts a page once, however many ports it has sent', async () => {
    const holder = engine([fileTicket(ID)]);
    const book: TicketRegistry = new TicketRegistry({
      wantPorts: () => {
        book.addPort('stranger', engine([]).port);
        book.addPort('stranger', engine([]).port);
        setTimeout(() => book.addPort('holder', holder.port), 5);
        return pages('stranger', 'holder')();
      },
      askTimeoutMs: 1_000_000,
    });
    expect(await book.find(ID)).toEqual(fileTicket(ID));
  });

  test('waits no longer than it may for an engine that says nothing', async () => {
    const book = new TicketRegistry({ wantPorts: pages('page'), askTimeoutMs: 5 });
    expect(await book.find(ID)).toBeUndefined();
  });

  test('forgets revoked tickets, and only the engine that granted one can revoke it', async () => {
    const revoked: string[] = [];
    const wantPorts = pages('mine', 'stranger');
    const book = new TicketRegistry({ wantPorts, askTimeoutMs: 5 });
    book.onRevoke((id) => revoked.push(id));
    const mine = engine([]);
    const stranger = engine([]);
    book.addPort('mine', mine.port);
    book.addPort('stranger', stranger.port);
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
    const book = new TicketRegistry({ wantPorts: pages('page'), askTimeoutMs: 5 });
    const { port, send } = engine([]);
    book.addPort('page', port);
    send(message);
    await new Promise((resolve) => setTimeout(resolve));
    expect(await book.find(ID)).toBeUndefined();
    send({ type: 'grant', ticket: fileTicket(ID) });
    await new Promise((resolve) => setTimeout(resolve));
    expect(await book.find(ID)).toBeDefined();
  });
});
