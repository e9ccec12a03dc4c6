/**
 * Answers with files of the site (B-1 §2.10). The page of a secret link, `/secret/<owner>/<label>`,
 * is the index, and the site lies below `/secret/<owner>/` a second time, so that the links of an
 * unmodified build, which are relative, lead there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Encoding, Site, SiteFile } from './site.ts';

const SECRET_LINK = /^secret\/[A-Za-z0-9]{1,128}\/(.*)$/u;
const LINK_LABEL = /^\d{1,20}$/u;

const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Answers any request for a page or file; resolves with the bytes sent. */
export async function serveSite(
  site: Site | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendText(response, 405, { allow: 'GET, HEAD' });
  }
  const file = site && find(site, request.url ?? '/');
  if (site === undefined || file === undefined) return sendText(response, 404);
  const headers = headersOf(site, file);
  if (matches(request.headers['if-none-match'], file.etag)) {
    response.writeHead(304, headers);
    response.end();
    return 0;
  }
  const { bytes, encoding } = await chosen(file, request.headers['accept-encoding']);
  response.writeHead(200, {
    ...headers,
    'content-type': file.mediaType,
    'content-length': String(bytes.length),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  });
  const isHead = request.method === 'HEAD';
  response.end(isHead ? undefined : bytes);
  return isHead ? 0 : bytes.length;
}

function find(site: Site, url: string): SiteFile | undefined {
  const path = decoded(url.split('?', 1)[0] ?? '/')?.slice(1);
  if (path === undefined) return undefined;
  const inSecret = SECRET_LINK.exec(path)?.[1];
  if (inSecret !== undefined && LINK_LABEL.test(inSecret)) return site.index;
  const plain = inSecret ?? path;
  return plain === '' ? site.index : site.file(plain);
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function headersOf(site: Site, file: SiteFile): Record<string, string> {
  const { forPages, forScripts, forOthers } = site.policies;
  const isPage = file.mediaType.startsWith('text/html');
  const isScript = file.mediaType.startsWith('text/javascript');
  return {
    ...COMMON_HEADERS,
    'content-security-policy': isPage ? forPages : isScript ? forScripts : forOthers,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  };
}

function matches(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((it) => it.trim().replace(/^W\//u, '') === etag);
}

async function chosen(
  file: SiteFile,
  accepted: string | string[] | undefined,
): Promise<{ bytes: Uint8Array; encoding?: Encoding }> {
  const offers = String(accepted ?? '').split(',');
  for (const encoding of ['br', 'gzip'] as const) {
    const offer = offers.find((it) => it.trim().split(';', 1)[0]?.trim() === encoding);
    if (offer === undefined || /;\s*q=0(?:\.0*)?\s*$/u.test(offer)) continue;
    const bytes = await file.compressed(encoding);
    if (bytes !== undefined) return { bytes, encoding };
  }
  return { bytes: file.bytes };
}

function sendText(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): number {
  const text = `${String(status)}\n`;
  response.writeHead(status, {
    ...COMMON_HEADERS,
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(text.length),
  });
  response.end(text);
  return text.length;
}
