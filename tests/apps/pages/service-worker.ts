/** The part of the service worker that makes documents of frames, alone. */
import frameScripts from 'virtual:frame-scripts';
import { frameOfPath } from '#lib/frames/index.ts';
import { answerFrame } from '#lib/sw/frame-pages.ts';

interface FetchEventLike extends Event {
  readonly request: Request;
  respondWith(response: Response): void;
}
interface WorkerLike {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  readonly location: { readonly search: string };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Waiting) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEventLike) => void): void;
}
interface Waiting {
  waitUntil(work: Promise<void>): void;
}

const worker = globalThis as unknown as WorkerLike;
/** As in browsers that do not know the header. */
const isWithoutAllowlist = worker.location.search === '?without-allowlist';

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { scope } = worker.registration;
  const path = new URL(request.url).pathname.slice(new URL(scope).pathname.length);
  const frame = frameOfPath(path);
  if (frame !== undefined) {
    const answer = answerFrame(request, frame.kind, frameScripts);
    if (isWithoutAllowlist) answer.headers.delete('Connection-Allowlist');
    event.respondWith(answer);
  } else if (request.mode === 'navigate' && request.destination !== 'document') {
    event.respondWith(new Response('This page is not shown in frames.', { status: 403 }));
  }
});
