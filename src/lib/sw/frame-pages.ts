/**
 * Documents of frames: the answer to a navigation of an iframe, made here so that it works on every
 * host. A document depends on its kind alone; the service worker keeps nothing of it.
 *
 * Invariants: the origin is opaque; nothing can be loaded or sent except by the ports that the page
 * gives; no document is answered to anything but an iframe.
 */
import type { FrameKind } from '#lib/frames/index.ts';
import { plain } from './answer.ts';

/** The scripts that documents begin with, built as one text each. */
export interface FrameScripts {
  readonly viewer: string;
  /** SHA-256 of {@link viewer} in base64, as a policy names a script. */
  readonly viewerHash: string;
  readonly loader: string;
}

const PERMISSIONS = [
  'camera',
  'microphone',
  'geolocation',
  'display-capture',
  'usb',
  'serial',
  'hid',
  'bluetooth',
  'payment',
  'publickey-credentials-get',
];

/** What may run: of our viewers the one script that their document has, of apps what they bring. */
function scriptSources(kind: FrameKind, scriptHash: string): string {
  if (kind === 'viewer') return `'sha256-${scriptHash}' blob: 'wasm-unsafe-eval'`;
  const own = "'unsafe-inline' blob: 'wasm-unsafe-eval'";
  return kind === 'app-eval' ? `${own} 'unsafe-eval'` : own;
}

function policy(kind: FrameKind, scriptHash: string): string {
  return [
    'sandbox allow-scripts allow-forms allow-modals',
    "default-src 'none'",
    `script-src ${scriptSources(kind, scriptHash)}`,
    "style-src 'unsafe-inline' blob: data:",
    'img-src blob: data:',
    'font-src blob: data:',
    'media-src blob: data:',
    // An app asks by its port alone; the loader answers also for the app's own `blob:` addresses.
    `connect-src ${kind === 'viewer' ? 'blob: data:' : "'none'"}`,
    'worker-src blob:',
    "frame-src 'none'",
    "object-src 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}

/** The document of a frame; 403 for what is no navigation of an iframe. */
export function answerFrame(request: Request, kind: FrameKind, scripts: FrameScripts): Response {
  if (request.mode !== 'navigate' || request.destination !== 'iframe') {
    return plain(403, 'This is a document of a frame.');
  }
  if (request.method !== 'GET') return plain(405, 'Frames can only be opened.', { Allow: 'GET' });
  const script = kind === 'viewer' ? scripts.viewer : scripts.loader;
  const headers = new Headers({
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy(kind, scripts.viewerHash),
    'Connection-Allowlist': '()',
    'Permissions-Policy': PERMISSIONS.map((name) => `${name}=()`).join(', '),
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'Referrer-Policy': 'no-referrer',
    // A page that demands this of what it embeds, as our own server's does, shows no frame without it.
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
  // No `Document-Isolation-Policy`, with which threads could share memory: a document that has it and
  // leaves for another address brings the whole of Chromium 156 down.
  const html = `<!doctype html><meta charset="utf-8"><script>${script}</script>`;
  return new Response(html, { headers });
}
