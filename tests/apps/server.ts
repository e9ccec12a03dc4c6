/** Builds and serves the page that shows apps, with the policy of the site. */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import svelteConfig from '../../svelte.config.js';
import { buildAppPages } from './build.ts';

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' };
const KEYWORDS = new Set(['self', 'none', 'wasm-unsafe-eval', 'unsafe-hashes', 'script']);

export interface AppServer {
  /** As `http://localhost:1234`: a secure context. */
  readonly origin: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function serveAppPages(): Promise<AppServer> {
  const folder = await buildAppPages();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    readFile(/^[\w./-]+$/.test(name) && !name.includes('..') ? join(folder, name) : '').then(
      (bytes) => {
        response.setHeader('Content-Type', TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain');
        if (name === 'index.html') response.setHeader('Content-Security-Policy', pagePolicy());
        response.end(bytes);
      },
      () => {
        response.statusCode = 404;
        response.end('Not found');
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${String(port)}`,
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
export function pagePolicy(): string {
  const directives = Object.entries(svelteConfig.csp?.directives ?? {});
  return directives
    .filter(([name]) => !name.startsWith('style-src'))
    .map(([name, sources]) => {
      const words = (sources as readonly string[]).map((it) => (KEYWORDS.has(it) ? `'${it}'` : it));
      return `${name} ${words.join(' ')}`;
    })
    .concat("style-src 'unsafe-inline'")
    .join('; ');
}
