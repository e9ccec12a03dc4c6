/**
 * One spelling for each host and origin, so that they can be compared as text: small letters,
 * international names in their ASCII form, addresses in their shortest form, no dot at the end, and
 * no port that a scheme implies anyway. Input: headers, settings, what a person typed. Hostile.
 */
import { parseUrl } from '#lib/bytes/index.ts';

/** What a browser's parser would not take at its word: it skips, decodes or ends at these. */
// eslint-disable-next-line no-control-regex -- control characters are among what is refused
const NOT_OF_A_HOST = /[\u0000-\u0020\u007f/\\?#@%]/u;
const DEFAULT_PORTS: ReadonlySet<string> = new Set(['', '80', '443']);

/** `host` or `host:port`, as in a `Host` header; `undefined` for anything else. */
export function canonicalHost(text: string): string | undefined {
  if (text === '' || NOT_OF_A_HOST.test(text)) return undefined;
  // A scheme without a port of its own: which port is left out is decided here.
  const url = parseUrl(`http://${text}`);
  if (url === undefined) return undefined;
  const hostname = canonicalHostname(url.hostname);
  if (hostname === '') return undefined;
  return DEFAULT_PORTS.has(url.port) ? hostname : `${hostname}:${url.port}`;
}

/** As {@link canonicalHost} of what a URL holds: no port. */
export function canonicalHostname(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/u, '');
}

/** Scheme, host and port of a URL of the web, as in an `Origin` header; `undefined` otherwise. */
export function canonicalOrigin(text: string): string | undefined {
  const url = parseUrl(text);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return undefined;
  }
  const hostname = canonicalHostname(url.hostname);
  if (hostname === '') return undefined;
  return `${url.protocol}//${hostname}${url.port === '' ? '' : `:${url.port}`}`;
}
