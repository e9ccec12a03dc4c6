/**
 * Which addresses of an object store a client asks. A node names them, and could so make a client
 * that trusts it ask machines that only this device reaches: routers, other services of this machine,
 * metadata services. Names that the public does not know count as such machines; a public name that
 * leads to one of them has no certificate there, which is why nothing but TLS is spoken to others.
 */
import { canonicalHostname } from '../wire/canonical.ts';
import { isLoopbackHost } from './loopback.ts';

/** Names of local networks (RFC 6761, 6762, 8375 and what routers make up). */
const LOCAL_NAME =
  /(?:^|\.)(?:local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/u;
/** First bytes, and how many bits of the address they are. */
const LOCAL_NETWORKS: readonly (readonly [first: number, bits: number])[] = [
  [0x00000000, 8], // this network
  [0x0a000000, 8], // private
  [0x64400000, 10], // shared by a provider's clients
  [0x7f000000, 8], // loopback
  [0xa9fe0000, 16], // link-local, metadata services
  [0xac100000, 12], // private
  [0xc0000000, 24], // protocol assignments
  [0xc0a80000, 16], // private
  [0xc6120000, 15], // benchmarks
  [0xe0000000, 3], // multicast, reserved, broadcast
];

/** Whether a store at `store` may be asked for a node at `node`. */
export function isStoreAddress(store: URL, node: URL): boolean {
  if (store.username !== '' || store.password !== '') return false;
  const host = canonicalHostname(store.hostname);
  const isOwnMachine = isLoopbackHost(node.hostname) && isLoopbackHost(host);
  if (store.protocol === 'http:') return isOwnMachine;
  if (store.protocol !== 'https:') return false;
  return isOwnMachine || host === canonicalHostname(node.hostname) || !isLocalHost(host);
}

/** Whether the public cannot reach this host, as far as its name tells. `hostname` as in a URL. */
export function isLocalHost(hostname: string): boolean {
  const host = canonicalHostname(hostname);
  if (host.startsWith('[')) return isLocalIpv6(host.slice(1, -1));
  const v4 = ipv4Of(host);
  if (v4 !== undefined) return isLocalIpv4(v4);
  return !host.includes('.') || isLoopbackHost(host) || LOCAL_NAME.test(host);
}

function isLocalIpv4(address: number): boolean {
  return LOCAL_NETWORKS.some(([first, bits]) => {
    const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
    return (address & mask) >>> 0 === first;
  });
}

function ipv4Of(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(text)?.slice(1).map(Number);
  return parts?.reduce((sum, part) => 256 * sum + part, 0);
}

/** Only global unicast is public, and of that not what carries a local IPv4 address. */
function isLocalIpv6(text: string): boolean {
  const groups = groupsOf(text);
  const [first = 0, second = 0, third = 0] = groups;
  const embedded = (at: number): number =>
    ((groups[at] ?? 0) * 65_536 + (groups[at + 1] ?? 0)) >>> 0;
  if (first === 0x2002) return isLocalIpv4(embedded(1)); // 6to4
  if (first === 0x64 && second === 0xff9b && third === 0) return isLocalIpv4(embedded(6)); // NAT64
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return isLocalIpv4(embedded(6));
  }
  const isDocumentation = first === 0x2001 && second === 0xdb8;
  return first < 0x2000 || first > 0x3fff || isDocumentation;
}

/** The eight groups of an address in the shortest form, as URLs have it. */
function groupsOf(text: string): number[] {
  const [head = '', tail] = text.split('::', 2);
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [numbers(head), numbers(tail ?? '')];
  const zeros = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<number>(zeros).fill(0), ...after];
}
