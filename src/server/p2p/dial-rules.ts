/**
 * Which addresses are dialled. What peers and the Kademlia table say of addresses is hostile: it may
 * name services of this machine and its network. Noise proves the peer before a byte of HTTP is
 * sent, so at worst a port is probed; private ranges are refused nevertheless, unless the operator
 * allows them or wrote the address down himself.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import type { Multiaddr } from '@multiformats/multiaddr';
import { withoutPeer } from './addresses.ts';

const PRIVATE_RANGES = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  // IPv4 in IPv6 dress, and through NAT64: nobody has to write it so.
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const;

const NAMES: ReadonlySet<string> = new Set(['dns', 'dns4', 'dns6', 'dnsaddr']);

const privateAddresses = new BlockList();
for (const [address, bits] of PRIVATE_RANGES) {
  privateAddresses.addSubnet(address, bits, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Of this machine, a local network, or no address of one host. */
export function isPrivateAddress(address: string): boolean {
  return privateAddresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

export interface DialRules {
  readonly allowsPrivate: boolean;
  /** Addresses that the operator wrote down, without `/p2p/…`. */
  readonly trusted: ReadonlySet<string>;
}

/** Whether an address must not be dialled. A name is resolved: all it stands for must be public. */
export async function isDialDenied(address: Multiaddr, rules: DialRules): Promise<boolean> {
  if (rules.allowsPrivate || rules.trusted.has(withoutPeer(address))) return false;
  const [host] = address.getComponents();
  if (host?.value === undefined) return true;
  if (host.name === 'ip4' || host.name === 'ip6') return isPrivateAddress(host.value);
  if (!NAMES.has(host.name)) return true;
  // Resolved to further addresses, which come here one by one.
  if (host.name === 'dnsaddr') return false;
  try {
    const found = await lookup(host.value, { all: true });
    return found.some(({ address }) => isPrivateAddress(address));
  } catch {
    return true;
  }
}
