/**
 * What confines the document of a frame: its headers, the same from a service worker and from a node.
 * They depend on the kind of the frame alone.
 *
 * Invariants: nothing can be loaded or sent except by the ports that the page gives; a document has an
 * opaque origin, or one that it shares with nothing but the same app.
 */
import type { FrameKind } from './frame-start.ts';

export interface FrameHeadersOptions {
  /** SHA-256 in base64 of the one script of a viewer's document, as a policy names a script. */
  readonly viewerHash?: string;
  /**
   * Sources, as a policy writes them, of the pages that may show a document with an origin of its own.
   * Absent: the origin is opaque, and the document comes from the page's own service worker.
   */
  readonly shownBy?: readonly string[];
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

/** The headers of a frame's document (HTTP header names as browsers write them). */
export function frameHeaders(
  kind: FrameKind,
  options: FrameHeadersOptions = {},
): Readonly<Record<string, string>> {
  const { shownBy } = options;
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy(kind, options),
    'Connection-Allowlist': '()',
    'Permissions-Policy': PERMISSIONS.map((name) => `${name}=()`).join(', '),
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'Referrer-Policy': 'no-referrer',
    // A page that demands this of what it embeds, as our own server's does, shows no frame without it.
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': shownBy === undefined ? 'same-origin' : 'cross-origin',
    'Cache-Control': 'no-store',
    // No `Document-Isolation-Policy`, with which threads could share memory: a document that has it and
    // leaves for another address brings the whole of Chromium 156 down.
    ...(shownBy === undefined ? {} : OWN_ORIGIN),
  };
}

/** A process for each app, and nothing of an earlier run: what an app may keep lies in the drive. */
const OWN_ORIGIN = { 'Origin-Agent-Cluster': '?1', 'Clear-Site-Data': '"storage"' };

/** A document that begins with this script; its text contains no end of a script. */
export function frameDocument(script: string): string {
  return `<!doctype html><meta charset="utf-8"><script>${script}</script>`;
}

function policy(kind: FrameKind, { viewerHash = '', shownBy }: FrameHeadersOptions): string {
  const sandbox = 'sandbox allow-scripts allow-forms allow-modals';
  return [
    shownBy === undefined ? sandbox : `${sandbox} allow-same-origin`,
    "default-src 'none'",
    `script-src ${scriptSources(kind, viewerHash)}`,
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
    ...(shownBy === undefined ? [] : [`frame-ancestors ${shownBy.join(' ')}`]),
  ].join('; ');
}

/** What may run: of our viewers the one script that their document has, of apps what they bring. */
function scriptSources(kind: FrameKind, viewerHash: string): string {
  if (kind === 'viewer') return `'sha256-${viewerHash}' blob: 'wasm-unsafe-eval'`;
  const own = "'unsafe-inline' blob: 'wasm-unsafe-eval'";
  return kind === 'app-eval' ? `${own} 'unsafe-eval'` : own;
}
