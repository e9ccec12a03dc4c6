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
  frameDocument,
  frameHeaders,
  frameOfPath,
  isAppLabel,
} from '#lib/frames/index.ts';
import { addressOf } from '../http/hosts.ts';
import type { NodeSettings } from '../settings/settings.ts';
import type { Site } from '../site/site.ts';

/** The label that a host names below the domain of apps, a port left aside. `host` is canonical. */
export function appLabelOfHost(host: string, domain: string | undefined): string | undefined {
  const name = host.replace(/:\d+$/u, '');
  if (domain === undefined || !name.endsWith(`.${domain}`)) return undefined;
  const label = name.slice(0, -domain.length - 1);
  return isAppLabel(label) ? label : undefined;
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
