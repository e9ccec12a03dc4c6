import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemRandom } from '#lib/crypto/index.ts';
import { isTicketId, parseTicketMessage, type TicketMessage } from '#lib/tickets/index.ts';
import { TicketIssuer, type TicketProgress } from './ticket-issuer.ts';

const ticket = {
  kind: 'file',
  name: 'film.mp4',
  source: { database: 'node' },
  capability: Uint8Array.of(1, 2, 3),
  mimeType: 'video/mp4',
  disposition: 'inline',
} as const;

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A service worker that keeps what it hears and confirms grants. */
function worker(issuer: TicketIssuer, confirms = true) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const heard: TicketMessage[] = [];
  port1.addEventListener('message', (event) => {
    const message = parseTicketMessage((event as MessageEvent).data);
    heard.push(message);
    if (confirms && message.type === 'grant') {
      port1.postMessage({ type: 'granted', id: message.ticket.id });
    }
  });
  port1.start();
  issuer.connect(port2);
  return { heard, say: (message: unknown) => port1.postMessage(message) };
}

describe('the ticket issuer', () => {
  it('grants a ticket and waits until the service worker has it', async () => {
    const issuer = new TicketIssuer(systemRandom);
    const { heard } = worker(issuer);
    const id = await issuer.grant(ticket);
    expect(isTicketId(id)).toBe(true);
    expect(heard).toEqual([{ type: 'grant', ticket: { ...ticket, id } }]);
  });

  it('opens a port to a cipher worker for each service worker', async () => {
    const { port1, port2 } = new MessageChannel();
    const cipher = new MessageChannel();
    open.push(port1, port2, cipher.port1);
    const got = new Promise<MessageEvent>((resolve) => {
      port1.onmessage = (event) => resolve(event as MessageEvent);
    });
    new TicketIssuer(systemRandom, () => cipher.port2).connect(port2);
    const { data, ports } = await got;
    expect(parseTicketMessage(data)).toEqual({ type: 'cipher' });
    expect(ports).toHaveLength(1);
  });

  it('gives it again to a restarted service worker, and to nobody after it was taken back', async () => {
    const issuer = new TicketIssuer(systemRandom);
    const id = await issuer.grant(ticket);
    const { heard, say } = worker(issuer);
    say({ type: 'ask', id });
    await vi.waitFor(() => expect(heard).toEqual([{ type: 'grant', ticket: { ...ticket, id } }]));
    issuer.revoke(id);
    say({ type: 'ask', id });
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: 'unknown', id }));
    expect(heard.at(-2)).toEqual({ type: 'revoke', id });
  });

  it('passes on how far the bytes have come', async () => {
    const issuer = new TicketIssuer(systemRandom);
    const { say } = worker(issuer);
    const seen: TicketProgress[] = [];
    const id = await issuer.grant(ticket, (progress) => seen.push(progress));
    say({ type: 'progress', id, doneBytes: 10, state: 'running' });
    say({ type: 'progress', id, doneBytes: 10, state: 'failed', error: 'gone' });
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect(seen[1]).toEqual({ doneBytes: 10, state: 'failed', error: 'gone' });
  });

  it('drops what it does not understand and takes everything back at the end', async () => {
    const issuer = new TicketIssuer(systemRandom);
    const { heard, say } = worker(issuer);
    const id = await issuer.grant(ticket);
    for (const junk of [null, 1, 'x', {}, { type: 'ask' }, { type: 'ask', id: '../../etc' }]) {
      say(junk);
    }
    issuer.close();
    say({ type: 'ask', id });
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: 'unknown', id }));
    expect(heard.some((message) => message.type === 'revoke' && message.id === '')).toBe(true);
  });
});
