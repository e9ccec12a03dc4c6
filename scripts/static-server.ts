/**
 * A small static file server for the built site: `npm start`, the browser tests and the benchmark.
 *
 * Hostile input: every request. Only GET and HEAD of regular files inside a mounted folder are
 * answered; `..`, encoded separators, NUL, back-slashes and symbolic links that lead out are not.
 * A folder may be mounted under several prefixes, to prove that the site does not mind where it
 * lies, and as a path gateway of a content network, which refuses service workers.
 *
 * Only by names of this machine and those it was told of: a page from elsewhere whose name leads here
 * could read what lies below that name's origin otherwise.
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { canonicalHost, isLoopbackHost } from '#lib/node-http/index.ts';
import { mediaTypeOf } from '../src/server/site/media-types.ts';

export interface Mount {
  /** Begins and ends with `/`. */
  readonly prefix: string;
  readonly folder: string;
  /** Answer requests for a service worker's script as path gateways do: with a refusal. */
  readonly refuseServiceWorkers?: boolean;
}

export interface StaticServer {
  /** Without a trailing slash, e.g. `http://localhost:7420`. */
  readonly origin: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly mounts: readonly Mount[];
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Other names the site is asked by, `host` or `host:port`, in any spelling. */
  readonly hosts?: readonly string[];
  /** Called for every request, answered or refused. */
  readonly onRequest?: (request: IncomingMessage) => void;
}

/** Serves until closed. Rejects with `EADDRINUSE` when the port is taken. */
export async function serveStatic(options: ServeOptions): Promise<StaticServer> {
  const { mounts, port = 0, host, hosts = [], onRequest } = options;
  const byLength = [...mounts].sort((a, b) => b.prefix.length - a.prefix.length);
  const isNamed = namesOf([...hosts, ...(host === undefined ? [] : [bracketed(host)])]);
  const server = createServer((request, response) => {
    onRequest?.(request);
    if (!isNamed(request)) {
      refuse(response, 404);
      return;
    }
    answer(byLength, request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500);
      response.destroy();
    });
  });
  const address = host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    origin: `http://${address === '127.0.0.1' ? 'localhost' : address}:${String(taken)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Whether a request is for this server: by any of these names, or one of this machine. */
function namesOf(hosts: readonly string[]): (request: IncomingMessage) => boolean {
  const known = new Set(hosts.map(canonicalHost));
  return ({ headers }) => {
    const host = canonicalHost(headers.host ?? '');
    if (host === undefined) return false;
    const { hostname } = new URL(`http://${host}`);
    return isLoopbackHost(hostname) || known.has(host) || known.has(hostname);
  };
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

async function answer(
  mounts: readonly Mount[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The app asks its host whether it is a node; this one is not, and that is no error.
  if (request.url === '/api/v0/ids') {
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    refuse(response, 405);
    return;
  }
  const [pathname = '/', query] = (request.url ?? '/').split('?', 2);
  const mount = mounts.find(({ prefix }) => pathname.startsWith(prefix));
  const segments = mount && safeSegments(pathname.slice(mount.prefix.length));
  if (mount === undefined || segments === undefined) {
    refuse(response, 404);
    return;
  }
  if (mount.refuseServiceWorkers === true && request.headers['service-worker'] === 'script') {
    refuse(response, 400);
    return;
  }
  const inSite = withoutLink(segments);
  const wantsPage = inSite.length === 0 || pathname.endsWith('/');
  const found = await findFile(mount.folder, inSite, wantsPage);
  if (found === 'is-folder') {
    // From the checked segments, so that `//elsewhere` cannot become a redirect to a host.
    const path = mount.prefix + segments.map(encodeURIComponent).join('/');
    response.setHeader('Location', `${path}/${query === undefined ? '' : `?${query}`}`);
    refuse(response, 301);
    return;
  }
  if (found === undefined) {
    refuse(response, 404);
    return;
  }
  await sendFile(request, response, found);
}

/** The decoded path inside a mount, or undefined when any part of it could lead elsewhere. */
export function safeSegments(path: string): string[] | undefined {
  const segments: string[] = [];
  for (const encoded of path.split('/')) {
    if (encoded === '') continue;
    let segment: string;
    try {
      segment = decodeURIComponent(encoded);
    } catch {
      return undefined;
    }
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    if (segment === '.' || segment === '..' || /[/\\\u0000-\u001f:]/.test(segment)) {
      return undefined;
    }
    segments.push(segment);
  }
  return segments;
}

/**
 * The page of a secret link, `secret/OWNER/LABEL`, is the site's own, and the files of the site are
 * found from there as well. This is all a host has to know of links.
 */
function withoutLink(segments: readonly string[]): readonly string[] {
  const [first, owner = '', label = '', ...rest] = segments;
  if (first !== 'secret' || !/^[A-Za-z0-9]+$/u.test(owner)) return segments;
  return /^\d+$/u.test(label) ? rest : segments.slice(2);
}

interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isImmutable: boolean;
}

async function findFile(
  folder: string,
  segments: readonly string[],
  wantsFolder: boolean,
): Promise<FoundFile | 'is-folder' | undefined> {
  const wanted = join(folder, ...segments, ...(wantsFolder ? ['index.html'] : []));
  try {
    const base = await realpath(folder);
    const path = await realpath(wanted);
    if (path !== base && !path.startsWith(base + sep)) return undefined;
    const info = await stat(path);
    if (info.isDirectory()) return 'is-folder';
    if (!info.isFile()) return undefined;
    return { path, sizeBytes: info.size, isImmutable: segments.includes('immutable') };
  } catch {
    return undefined;
  }
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { path, sizeBytes, isImmutable }: FoundFile,
): Promise<void> {
  response.setHeader('Content-Type', mediaTypeOf(path));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader(
    'Cache-Control',
    isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
  const range = parseRange(request.headers.range, sizeBytes);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${String(sizeBytes)}`);
    refuse(response, 416);
    return;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  response.setHeader('Content-Length', end - start + 1);
  if (range !== undefined) {
    response.setHeader(
      'Content-Range',
      `bytes ${String(start)}-${String(end)}/${String(sizeBytes)}`,
    );
  }
  response.writeHead(range === undefined ? 200 : 206);
  if (request.method === 'HEAD' || end < start) {
    response.end();
    return;
  }
  // A player that seeks hangs up in mid-answer; that is no failure.
  await pipeline(createReadStream(path, { start, end }), response).catch(() => undefined);
}

/** One range of RFC 9110 §14.1.2; several, or another unit, are answered with the whole file. */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const suffix = Number(last);
    if (suffix === 0 || sizeBytes === 0) return 'unsatisfiable';
    return { start: Math.max(0, sizeBytes - suffix), end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end };
}

function refuse(response: ServerResponse, status: number): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.removeHeader('Content-Length');
  response.writeHead(status);
  response.end(`${String(status)}\n`);
}
