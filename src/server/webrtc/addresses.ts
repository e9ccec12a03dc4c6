/** The addresses under which pages reach the WebRTC listener, to be handed to people. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { formatMultiaddr } from '#lib/webrtc/index.ts';
import type { WebRtcAddress } from '#lib/webrtc/index.ts';

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);
/** Of one machine; nobody reads more. */
const MAX_ADDRESSES = 4;

export interface AddressFacts extends Pick<WebRtcAddress, 'port' | 'certificateHash' | 'peer'> {
  /** IP address that is listened at. */
  readonly host: string;
  /** IP addresses that the operator named. */
  readonly named: readonly string[];
}

/** Multiaddrs, those that the operator named first. */
export function addressesOf({ host, named, ...facts }: AddressFacts): string[] {
  const found = named.length > 0 ? named : ANY_ADDRESS.has(host) ? ofThisMachine(host) : [host];
  return found.map((ip) => formatMultiaddr({ ...facts, ip, family: isIP(ip) === 6 ? 6 : 4 }));
}

/** Its addresses in networks; the loopback address if it is in none. */
function ofThisMachine(any: string): string[] {
  const all = Object.values(networkInterfaces()).flatMap((it) => it ?? []);
  const reachable = all.filter(
    ({ internal, family, scopeid }) =>
      !internal && (family === 'IPv4' || (any === '::' && (scopeid ?? 0) === 0)),
  );
  const ips = reachable.map(({ address }) => address).slice(0, MAX_ADDRESSES);
  return ips.length > 0 ? ips : ['127.0.0.1'];
}
