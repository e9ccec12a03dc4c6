/**
 * The service worker: serves the app offline and a person's files by ticket. It can be stopped and
 * started by the browser at any moment, so nothing here outlives a restart but the shell's cache.
 *
 * Hostile input: every request, every message. A file's URL holds a random id and nothing else.
 */
import { self as worker } from '$app/service-worker';
import { assets, prerendered } from '$app/manifest';
import { version } from '$app/env';
import offlineFiles from 'virtual:offline-files';
import {
  connectCipher,
  openFile,
  plain,
  Responder,
  Shell,
  TicketRegistry,
  type Pages,
} from '#lib/sw/index.ts';
import {
  CLAIM_MESSAGE,
  NEED_PORT_MESSAGE,
  PORT_MESSAGE,
  SKIP_WAITING_MESSAGE,
  ticketIdOfPath,
} from '#lib/tickets/index.ts';

const { scope } = worker.registration;
const paths = ['', ...offlineFiles, ...[...assets, ...prerendered].map(({ path }) => path)];
const shell = new Shell({ version, paths, scope, caches: worker.caches });
const book = new TicketRegistry({ wantPorts: askPagesForPorts, connectCipher });
const responder = new Responder({ book, open: openFile, now: () => Date.now() });

worker.addEventListener('install', (event) => event.waitUntil(shell.install()));
worker.addEventListener('activate', (event) => {
  event.waitUntil(shell.activate().then(() => worker.clients.claim()));
});
worker.addEventListener('message', receive);
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!request.url.startsWith(scope)) return;
  const id = ticketIdOfPath(new URL(request.url).pathname.slice(new URL(scope).pathname.length));
  if (id !== undefined) {
    event.respondWith(responder.answer(request, id, (finished) => event.waitUntil(finished)));
  } else if (request.method === 'GET') {
    event.respondWith(answerFromShell(request));
  }
});

async function answerFromShell(request: Request): Promise<Response> {
  const found = await shell.answer(request);
  if (found !== undefined) return found;
  try {
    return await fetch(request);
  } catch {
    return plain(504, 'You are offline, and this is not part of the app.');
  }
}

function receive(event: ExtendableMessageEvent): void {
  const data: unknown = event.data;
  if (typeof data !== 'object' || data === null || !('type' in data)) return;
  const { source, ports } = event;
  if (data.type === PORT_MESSAGE && ports[0] !== undefined && source instanceof Client) {
    book.addPort(source.id, ports[0]);
  }
  if (data.type === CLAIM_MESSAGE) event.waitUntil(worker.clients.claim());
  if (data.type === SKIP_WAITING_MESSAGE) event.waitUntil(worker.skipWaiting());
}

async function askPagesForPorts(): Promise<Pages> {
  const ours = await worker.clients.matchAll({ type: 'window' });
  for (const page of ours) page.postMessage({ type: NEED_PORT_MESSAGE });
  const open = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return { asked: ours.map(({ id }) => id), open: open.map(({ id }) => id) };
}
