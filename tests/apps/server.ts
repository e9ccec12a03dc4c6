/** Builds and serves the page that shows apps, with the policy of the site. */
import { readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { AppFrames } from '../../src/server/gateway/app-frames.ts';
import { DEFAULTS } from '../../src/server/settings/settings.ts';
import type { Site } from '../../src/server/site/site.ts';
import svelteConfig from '../../svelte.config.js';
import { buildAppPages } from './build.ts';

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' };
const KEYWORDS = new Set(['self', 'none', 'wasm-unsafe-eval', 'unsafe-hashes', 'script']);

/** Names below it are answered as a node does for apps at origins of their own. */
const APP_DOMAIN = 'apps.localhost';

export interface AppServer {
  /** As `http://localhost:1234`: a secure context. */
  readonly origin: string;
  /** The origin of an app that has one of its own. */
  readonly appOrigin: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function serveAppPages(): Promise<AppServer> {
  const folder = await buildAppPages();
  const asked: string[] = [];
  const port = (): number => (server.address() as AddressInfo).port;
  const site = { file: (name: string) => ({ bytes: readFileSync(join(folder, basename(name))) }) };
  const settings = { ...DEFAULTS, dataFolder: folder };
  const appFrames = (): AppFrames => new AppFrames(site as unknown as Site, settings, port());
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    if (request.headers.host?.includes(`.${APP_DOMAIN}:`) === true) {
      appFrames().answer(request, response, pathname);
      return;
    }
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    readFile(/^[\w./-]+$/.test(name) && !name.includes('..') ? join(folder, name) : '').then(
      (bytes) => {
        response.setHeader('Content-Type', TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain');
        if (name === 'index.html') {
          const own = `http://*.${APP_DOMAIN}:${String(port())}`;
          response.setHeader('Content-Security-Policy', pagePolicy(own));
        }
        response.end(bytes);
      },
      () => {
        response.statusCode = 404;
        response.end('Not found');
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${String(port())}`,
    appOrigin: `http://b${'a'.repeat(55)}.${APP_DOMAIN}:${String(port())}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true, force: true });
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As SvelteKit writes it; the page's own styles are the harness's. */
export function pagePolicy(appOrigins = ''): string {
  const directives = Object.entries(svelteConfig.csp?.directives ?? {});
  return directives
    .filter(([name]) => !name.startsWith('style-src'))
    .map(([name, sources]) => {
      const words = (sources as readonly string[]).map((it) => (KEYWORDS.has(it) ? `'${it}'` : it));
      return `${name} ${words.join(' ')}${name === 'frame-src' ? ` ${appOrigins}` : ''}`;
    })
    .concat("style-src 'unsafe-inline'")
    .join('; ');
}
