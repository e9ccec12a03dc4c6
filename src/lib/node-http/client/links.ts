/** Secret links and published paths over HTTP (B-1 §2.1, §2.10). */
import type { NodeLinks } from '#lib/node/index.ts';
import { linkStateFrom, MalformedAnswer, PATHS } from '#lib/protocol/index.ts';
import { readCbor, readText } from './parse-response.ts';
import type { Transport } from './transport.ts';

const HOST = /^[a-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/iu;

export function createHttpLinks(transport: Transport): NodeLinks {
  return {
    // Not asked again: each answer counts as a retrieval, and a refusal is final.
    get: async (owner, label) => {
      const { bytes } = await transport.call({
        path: PATHS.linkGet,
        query: [
          ['label', label.toString()],
          ['owner', owner.toString()],
        ],
      });
      return readCbor('A secret link', bytes, (value) => value);
    },
    host: async (owner) => {
      const query = [['owner', owner.toString()]] as const;
      const { bytes } = await transport.call({ path: PATHS.linkHost, query });
      const host = readText('The host of links', bytes);
      if (HOST.test(host)) return host;
      throw new MalformedAnswer('The host of links is none.');
    },
    published: async (username, path) => {
      const segments = [username, ...path].map(encodeURIComponent).join('/');
      const call = { path: `public/${segments}`, isRedirection: true };
      const { headers } = await transport.call(call);
      return linkIn(headers.get('location') ?? '');
    },
  };
}

/**
 * The address is only to be read where redirects are not hidden from scripts, as browsers do:
 * there the call ends in `MalformedAnswer`. `/#{"secretLink":true%2c"path":…%2c"link":"#…"}` with its commas escaped (B-1 §2.10). */
function linkIn(location: string): string {
  const link = linkStateFrom(location.slice(location.indexOf('#') + 1))?.get('link');
  if (typeof link === 'string' && link.startsWith('#')) return link;
  throw new MalformedAnswer('The address of a published file cannot be read.');
}
