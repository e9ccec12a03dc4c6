/**
 * What the address of this page says about a gateway of IPFS (or another content network) that it
 * came from. On a path gateway, `https://host/ipfs/CID/`, all sites have one origin, so each can
 * read what another one keeps in the browser. On `https://CID.ipfs.host/` every version of a site
 * has an origin of its own; on `https://NAME.ipns.host/` later versions keep it.
 */

const IN_PATH = /\/ip[fn]s\/[^/]+(?:\/|$)/u;
/** CIDv1 in base32, or in base36 where base32 would be too long for a part of a host's name. */
const CID_IN_HOST = /^(?:b[a-z2-7]{50,62}|k[0-9a-z]{50,62})\.ipfs\.(.+)$/u;
/** A key of IPNS in base36. */
const IPNS_NAME = /^k[0-9a-z]{40,62}$/u;

/** Written by `npm run publish:ipfs`; without a key it holds an empty object. */
const STABLE_ADDRESS_FILE = 'stable-address.json';
const FILE_MAX_CHARACTERS = 1_000;

type Place = Pick<URL, 'protocol' | 'host' | 'pathname'>;

/** Whether other sites have the origin of this address: nothing that opens an account may stay there. */
export function isSharedOrigin({ pathname }: Pick<Place, 'pathname'>): boolean {
  return IN_PATH.test(pathname);
}

/** Whether the next version of the app will have another origin than this address. */
export function isAddressOfOneVersion({ host }: Pick<Place, 'host'>): boolean {
  return CID_IN_HOST.test(host);
}

/**
 * The address of this page that later versions keep, at the same gateway; undefined where it is
 * not known. `siteUrl` ends in `/`.
 */
export async function stableAddress(siteUrl: string): Promise<string | undefined> {
  try {
    const answer = await fetch(new URL(STABLE_ADDRESS_FILE, siteUrl));
    return answer.ok ? addressIn(await answer.text(), new URL(siteUrl)) : undefined;
  } catch {
    return undefined;
  }
}

/** The address in the text of that file, for a page that came from `place`. */
export function addressIn(text: string, { protocol, host }: Place): string | undefined {
  const [, gateway] = CID_IN_HOST.exec(host) ?? [];
  if (gateway === undefined || text.length > FILE_MAX_CHARACTERS) return undefined;
  const said: unknown = JSON.parse(text);
  if (typeof said !== 'object' || said === null || !('ipns' in said)) return undefined;
  const { ipns } = said;
  if (typeof ipns !== 'string' || !IPNS_NAME.test(ipns)) return undefined;
  return `${protocol}//${ipns}.ipns.${gateway}/`;
}
