/** Where a link in a document leads: to an entry of the drive, out of it, or nowhere. */
import { pathBeside } from '#lib/content/index.ts';
import { parseUrl, type Client } from '#lib/client/index.ts';

export type Way =
  | { readonly kind: 'file' | 'folder'; readonly path: readonly string[] }
  | { readonly kind: 'outside'; readonly address: string }
  | { readonly kind: 'nowhere' };

const NOWHERE: Way = { kind: 'nowhere' };
const OUTSIDE = new Set(['http:', 'https:', 'mailto:']);
/** `name:`; a file whose name has a colon is written as `./name:x`. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/iu;

/** @param folder names from the root of the tree down to the folder of the document */
export async function followLink(
  link: string,
  folder: readonly string[],
  client: Pick<Client, 'find'>,
): Promise<Way> {
  if (SCHEME.test(link) || link.startsWith('//')) return outside(link);
  const path = pathBeside(folder, decoded(link.replace(/[?#].*$/su, '')));
  if (path === undefined) return NOWHERE;
  try {
    const { entry } = await client.find(path);
    return { kind: entry.kind, path };
  } catch {
    return NOWHERE;
  }
}

function outside(link: string): Way {
  const address = link.startsWith('//') ? `https:${link}` : link;
  const url = parseUrl(address);
  if (url === undefined) return NOWHERE;
  const { protocol, href } = url;
  return OUTSIDE.has(protocol) ? { kind: 'outside', address: href } : NOWHERE;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
