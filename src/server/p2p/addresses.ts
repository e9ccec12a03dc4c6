/** Multiaddrs as texts: what of them can be dialled by TCP, and whom they lead to. */
import { multiaddr } from '@multiformats/multiaddr';
import type { Component, Multiaddr } from '@multiformats/multiaddr';

const HOSTS: ReadonlySet<string> = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6']);

/** Whether a text is an address at which a peer listens by TCP, with or without its id. */
export function isTcpAddress(text: string): boolean {
  const [host, tcp, ...rest] = componentsOf(text) ?? [];
  const isEnd = rest.length <= 1 && rest.every(({ name }) => name === 'p2p');
  return host !== undefined && HOSTS.has(host.name) && tcp?.name === 'tcp' && isEnd;
}

/** The peer id at the end of an address; `undefined` where there is none, or no address. */
export function peerOfAddress(text: string): string | undefined {
  const last = componentsOf(text)?.at(-1);
  return last?.name === 'p2p' ? last.value : undefined;
}

/** The text of an address up to the peer it leads to. */
export function withoutPeer(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/.*$/u, '');
}

function componentsOf(text: string): readonly Component[] | undefined {
  try {
    return multiaddr(text).getComponents();
  } catch {
    return undefined;
  }
}
