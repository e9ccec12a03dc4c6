/**
 * `/public/<user>/<path…>`: sends a visitor to the page that opens something published (B-1 §2.10).
 * Everything in the address is hostile; the answer's `Location` holds it form-encoded only.
 */
import type { StorageNode } from '#lib/node/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';
import { encodeTrailer } from '../wire/parse-refusal.ts';
import type { Noted } from './endpoint.ts';
import type { Query } from './query.ts';

export const PUBLIC_PREFIX = '/public/';

export async function publicPage(
  node: StorageNode,
  pathname: string,
  query: Query,
  refused: Noted,
): Promise<Response> {
  const [username = '', ...path] = segmentsOf(pathname.slice(PUBLIC_PREFIX.length));
  refused.username = username;
  refused.publicPath = [username, ...path].join('/');
  const link = await node.links.published(username, path);
  const parts = [
    '"secretLink":true',
    `"path":"${encodeTrailer(`/${refused.publicPath}`)}"`,
    ...(query.flag('open') ? ['"open":true'] : []),
    `"link":"${link}"`,
  ];
  // A comma would end the fragment's JSON early in some clients: the protocol writes it escaped.
  const headers = { Location: `/#{${parts.join('%2c')}}` };
  return new Response(null, { status: 302, headers });
}

function segmentsOf(encoded: string): string[] {
  try {
    return decodeURIComponent(encoded)
      .split('/')
      .filter((segment) => segment !== '');
  } catch {
    throw new MalformedRequest('The address is not percent-encoded UTF-8.');
  }
}
