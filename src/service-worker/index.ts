/**
 * The service worker: serves the app offline and a person's files by ticket. It can be stopped and
 * started by the browser at any moment, so nothing here outlives a restart but the shell's cache.
 *
 * Hostile input: every request, every message. A file's URL holds a random id and nothing else.
 */
import { self as worker } from '$app/service-worker';
import { assets, prerendered } from '$app/manifest';
import { version } from '$app/env';
import frameScripts from 'virtual:frame-scripts';
import offlineFiles from 'virtual:offline-files';
import { frameOfPath } from '#lib/frames/index.ts';
import {
  answerFrame,
  connectCipher,
  connectPeers,
  openFile,
  plain,
  Responder,
  Shell,
  TicketRegistry,
  type Pages,
} from '#lib/sw/index.ts';
import {
  CLAIM_MESSAGE,
  KEEP_LATER_MESSAGE,
  NEED_PORT_MESSAGE,
  PORT_MESSAGE,
  SKIP_WAITING_MESSAGE,
  ticketIdOfPath,
} from '#lib/tickets/index.ts';

const FRAME_FILES = '_app/immutable/frames/';
const { scope } = worker.registration;
/** Viewers are large: they are kept when they are first used, or when the page has time. */
const isLater = (path: string): boolean => path.startsWith(FRAME_FILES);
const rareFrameFiles = new Set(frameScripts.rareFiles);
/** What hardly anybody needs: tables of East Asian characters for old PDF files, and diagrams. */
const isRare = (path: string): boolean =>
  path.startsWith(`${FRAME_FILES}pdf-cmaps-`) || rareFrameFiles.has(path);
const laterPaths = offlineFiles.filter((path) => isLater(path) && !isRare(path));
const rarePaths = offlineFiles.filter(isRare);
/** Asked for whenever the window gets the focus: the build that is shown says which it is. */
const VERSION_FILE = '_app/version.json';
const paths = [
  '',
  VERSION_FILE,
  ...offlineFiles.filter((path) => !isLater(path)),
  ...[...assets, ...prerendered].map(({ path }) => path),
];
const shell = new Shell({ version, paths, laterPaths, rarePaths, scope, caches: worker.caches });
const book = new TicketRegistry({ wantPorts: askPagesForPorts, connectCipher, connectPeers });
const responder = new Responder({ book, open: openFile, now: () => Date.now() });

worker.addEventListener('install', (event) => event.waitUntil(shell.install()));
worker.addEventListener('activate', (event) => {
  event.waitUntil(shell.activate().then(() => worker.clients.claim()));
});
worker.addEventListener('message', receive);
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!request.url.startsWith(scope)) return;
  const path = new URL(request.url).pathname.slice(new URL(scope).pathname.length);
  const id = ticketIdOfPath(path);
  const frame = frameOfPath(path);
  if (frame !== undefined) event.respondWith(answerFrame(request, frame.kind, frameScripts));
  else if (id === undefined && isFrameNavigation(request)) {
    // Inside an app's frame the whole app would run as that app's guest.
    event.respondWith(plain(403, 'This page is not shown in frames.'));
  } else if (id !== undefined) {
    event.respondWith(responder.answer(request, id, (finished) => event.waitUntil(finished)));
  } else if (request.method === 'GET') {
    event.respondWith(answerFromShell(request));
  }
});

function isFrameNavigation({ mode, destination }: Request): boolean {
  return mode === 'navigate' && ['iframe', 'frame', 'embed', 'object'].includes(destination);
}

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
  if (data.type === KEEP_LATER_MESSAGE) event.waitUntil(shell.keepLater());
  if (data.type === CLAIM_MESSAGE) event.waitUntil(worker.clients.claim());
  if (data.type === SKIP_WAITING_MESSAGE) event.waitUntil(worker.skipWaiting());
}

async function askPagesForPorts(): Promise<Pages> {
  const ours = await worker.clients.matchAll({ type: 'window' });
  for (const page of ours) page.postMessage({ type: NEED_PORT_MESSAGE });
  const open = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return { asked: ours.map(({ id }) => id), open: open.map(({ id }) => id) };
}
