/**
 * Answers requests for websites of users (C-9 §9.10). The client is unknown and the content is any
 * user's: it is under a host of its own, and says to browsers what pages may do. Work is bounded:
 * by the number of requests at a time, by time, and by the pace of the receiver.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rangeOf, type SiteFile } from '#lib/apps/index.ts';
import { Websites, type Website, type WebsitesDeps } from './websites.ts';

const REQUESTS_MAX = 64;
/** For a whole file at a modest pace. */
const ANSWER_MAX_MS = 120_000;

const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'x-frame-options': 'sameorigin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'interest-cohort=()',
  'cache-control': 'no-cache',
};

export class Gateway {
  readonly #websites: Websites;
  #underWay = 0;

  constructor(deps: WebsitesDeps) {
    this.#websites = new Websites(deps);
  }

  /** Answers a request for a path, as it stands in the URL; resolves with the bytes sent. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    username: string,
    path: string,
  ): Promise<number> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendText(response, 405, { allow: 'GET, HEAD' });
    }
    if (this.#underWay >= REQUESTS_MAX) return sendText(response, 503, { 'retry-after': '1' });
    this.#underWay++;
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    response.once('close', leave);
    try {
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(ANSWER_MAX_MS)]);
      const website = await this.#websites.of(username, signal);
      if (website === undefined) return sendText(response, 404);
      const file = await this.#websites.file(website, username, path, signal);
      return await send(request, response, { website, file, path }, signal);
    } catch (error) {
      if (gone.signal.aborted) return 0; // nobody is there to be told
      throw error;
    } finally {
      response.off('close', leave);
      this.#underWay--;
    }
  }
}

interface Found {
  readonly website: Website;
  readonly file: SiteFile;
  readonly path: string;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { website, file, path }: Found,
  signal: AbortSignal,
): Promise<number> {
  const headers = { ...COMMON_HEADERS, 'content-security-policy': website.policy };
  if (file.status === 200 && isFolderWithoutSlash(file, path)) {
    response.writeHead(302, { ...headers, location: `${path}/`, 'content-length': '0' });
    response.end();
    return 0;
  }
  const etag = file.headers.find(([name]) => name === 'etag')?.[1];
  const own = {
    ...headers,
    'content-type': file.type,
    ...(file.status === 200 ? { 'accept-ranges': 'bytes' } : {}),
    ...(file.status === 200 && etag !== undefined ? { etag } : {}),
  };
  if (file.status === 200 && etag !== undefined && isKnown(request, etag)) {
    response.writeHead(304, own);
    response.end();
    return 0;
  }
  const range = file.status === 200 ? wantedRange(request, file, etag) : undefined;
  if (range === 'outside') {
    const size = `bytes */${String(file.sizeBytes)}`;
    return sendText(response, 416, { ...headers, 'content-range': size });
  }
  const [start, end] = range ?? [0, file.sizeBytes];
  response.writeHead(range === undefined ? file.status : 206, {
    ...own,
    'content-length': String(end - start),
    ...(range && {
      'content-range': `bytes ${String(start)}-${String(end - 1)}/${String(file.sizeBytes)}`,
    }),
  });
  if (request.method === 'HEAD' || end === start) {
    response.end();
    return 0;
  }
  await pipeline(Readable.from(file.read(start, end, signal), { highWaterMark: 1 }), response);
  return end - start;
}

/** Relative links of its page would lead beside the folder. */
function isFolderWithoutSlash({ path: names }: SiteFile, path: string): boolean {
  const asked = path.split('/').filter((name) => name !== '');
  return names.length > asked.length && !path.endsWith('/');
}

function isKnown({ headers }: IncomingMessage, etag: string): boolean {
  const known = (headers['if-none-match'] ?? '').split(',').map((one) => one.trim());
  return known.some((one) => one === '*' || one.replace(/^W\//u, '') === etag);
}

function wantedRange({ headers }: IncomingMessage, { sizeBytes }: SiteFile, etag?: string) {
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== etag) return undefined;
  return rangeOf(headers.range, sizeBytes);
}

function sendText(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): number {
  const text = `${String(status)}\n`;
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'content-security-policy': "default-src 'none'",
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(text.length),
  });
  response.end(text);
  return text.length;
}
