/**
 * Documents of apps at origins of their own: `<label>.<domain>` for each app. A document is the same
 * for every label and has nothing of anybody: the page that shows it gives it its ports. Its headers
 * are those of frames that service workers make (`src/lib/frames/frame-headers.ts`).
 *
 * Hostile input: every request. Nothing else is ever answered at these names.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  APP_LOADER_FILE,
  APP_ORIGINS_META,
  frameDocument,
  frameHeaders,
  frameOfPath,
  isAppLabel,
} from '#lib/frames/index.ts';
import { addressOf } from '../http/hosts.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { alteredSite, type Site } from '../site/site.ts';

/** The label that a host names below the domain of apps, a port left aside. `host` is canonical. */
export function appLabelOfHost(host: string, domain: string | undefined): string | undefined {
  const name = host.replace(/:\d+$/u, '');
  if (domain === undefined || !name.endsWith(`.${domain}`)) return undefined;
  const label = name.slice(0, -domain.length - 1);
  return isAppLabel(label) ? label : undefined;
}

/** As pages are told: `https://*.apps.example.org`; undefined where apps have no origins. */
export function appOriginsPattern(settings: NodeSettings, port: number): string | undefined {
  const { appOrigins } = settings;
  if (appOrigins === undefined) return undefined;
  const { protocol, port: shownPort } = new URL(addressOf(settings, port));
  return `${protocol}//*.${appOrigins}${shownPort === '' ? '' : `:${shownPort}`}`;
}

const SERVICE_WORKER = 'service-worker.js';

/**
 * A site whose page says that apps have origins of their own, and may show their frames; the same
 * site where its page has no policy for frames, or there is no document for them.
 */
export function withAppOrigins(site: Site, pattern: string): Site {
  const page = new TextDecoder().decode(site.index.bytes);
  const worker = site.file(SERVICE_WORKER);
  const allowed = page.replace(/\bframe-src 'self'|\bframe-src &#39;self&#39;/u, `$& ${pattern}`);
  if (allowed === page || site.file(APP_LOADER_FILE) === undefined) return site;
  const said = allowed.replace(
    /<meta charset="utf-8"[^>]*>/u,
    `$&<meta name="${APP_ORIGINS_META}" content="${pattern}">`,
  );
  const files = new Map([['index.html', new TextEncoder().encode(said)]]);
  if (worker !== undefined) {
    // Browsers that kept the page take a new one when the script of the service worker is another.
    const text = `${new TextDecoder().decode(worker.bytes)}\n// ${pattern}\n`;
    files.set(SERVICE_WORKER, new TextEncoder().encode(text));
  }
  return alteredSite(site, files);
}

export class AppFrames {
  readonly #document: Buffer;
  readonly #shownBy: readonly string[];

  /** `site` has the loader; `port` is the one that is listened at. */
  constructor(site: Site | undefined, settings: NodeSettings, port: number) {
    const loader = site?.file(APP_LOADER_FILE)?.bytes;
    this.#document = Buffer.from(frameDocument(new TextDecoder().decode(loader)));
    const { publicHosts } = settings;
    this.#shownBy = [
      ...publicHosts.map((host) => addressOf({ ...settings, publicHosts: [host] }, port)),
      `http://localhost:${String(port)}`,
      `http://127.0.0.1:${String(port)}`,
    ].filter((origin) => !origin.includes('['));
  }

  /** Answers a request at a name of an app; gives the bytes sent. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): number {
    const kind = frameOfPath(path.slice(1))?.kind;
    if (kind === undefined || kind === 'viewer') return refuse(response, 404);
    const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
    if (mode !== 'navigate' || destination !== 'iframe') return refuse(response, 403);
    if (request.method !== 'GET') return refuse(response, 405, { Allow: 'GET' });
    response.writeHead(200, {
      ...frameHeaders(kind, { shownBy: this.#shownBy }),
      'Content-Length': String(this.#document.length),
    });
    response.end(this.#document);
    return this.#document.length;
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): number {
  const text = `${String(status)}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'Content-Length': String(text.length),
    ...headers,
  });
  response.end(text);
  return text.length;
}
