/**
 * The target of a request, read once: limits, router and site all judge this. What a URL parser, a
 * proxy or a decoder would make something else of (dot segments, back-slashes, doubled slashes,
 * percent signs before what needs none) is no target here. Hostile input.
 */
import { parseUrl } from '#lib/bytes/index.ts';
import { endpointOf } from './endpoints.ts';
import type { Endpoint } from './endpoints.ts';

export interface Target {
  /** Begins with a slash, has no query. */
  readonly path: string;
  /** Path and query as they came. */
  readonly text: string;
  readonly endpoint: Endpoint;
}

// eslint-disable-next-line no-control-regex -- control characters are among what is refused
const ODD = /[\\#\u0000-\u0020\u007f-\uffff]/u;
// eslint-disable-next-line no-control-regex -- as above
const ODD_DECODED = /[/\u0000-\u001f\u007f]/u;
/** Any host does: it is compared elsewhere. */
const SOMEWHERE = 'http://localhost';

/** `undefined` where the target is no path, or would be another one after it was normalised. */
export function targetOf(text: string): Target | undefined {
  if (!text.startsWith('/') || ODD.test(text)) return undefined;
  const [path = '/'] = text.split('?', 1);
  if (path.includes('//') || parseUrl(SOMEWHERE + text)?.pathname !== path) return undefined;
  const endpoint = endpointOf(path);
  return path.includes('%') && !isPlainly(path, endpoint) ? undefined : { path, text, endpoint };
}

/** Whether decoding leads to no other endpoint; only names of files and users have percent signs. */
function isPlainly(path: string, endpoint: Endpoint): boolean {
  const isName = endpoint.part === 'site' || endpoint.name === 'public';
  if (!isName) return false;
  const segments = path.split('/').map(decodedSegment);
  if (segments.includes(undefined)) return false;
  const { part, name } = endpointOf(segments.join('/'));
  return part === endpoint.part && name === endpoint.name;
}

function decodedSegment(encoded: string): string | undefined {
  let segment: string;
  try {
    segment = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  const isOdd = segment === '.' || segment === '..' || ODD_DECODED.test(segment);
  return isOdd ? undefined : segment;
}
