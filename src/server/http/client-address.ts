/**
 * Who a request comes from. `X-Forwarded-For` is written by anybody; it is believed only as far as
 * the proxies named in the settings wrote it: read from the right, up to the first address that is
 * none of theirs. What stands left of that, or of anything that is no address, is anybody's.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { canonicalHost } from '#lib/node-http/index.ts';
import { BadSetting } from '../settings/settings.ts';

/** Where a proxy on this machine connects from, whether the settings name it or not. */
const USUAL_LOOPBACK = new Set(['127.0.0.1', '::1']);

export class ClientAddresses {
  readonly #proxies = new BlockList();
  readonly #hasProxies: boolean;

  /** `host[:port]` by which others reach this node. */
  readonly #publicHosts: ReadonlySet<string | undefined>;

  /** Proxies are addresses or networks (`10.0.0.0/8`). Throws {@link BadSetting}. */
  constructor(trustedProxies: readonly string[], publicHosts: readonly string[] = []) {
    const others = publicHosts.filter((host) => !isLoopback(host.replace(/:\d+$/u, '')));
    this.#publicHosts = new Set(others.map(canonicalHost));
    this.#hasProxies = trustedProxies.length > 0;
    for (const text of trustedProxies) this.#trust(text);
  }

  /** The nearest address that is no proxy of ours. */
  of(request: IncomingMessage): string {
    const peer = plain(request.socket.remoteAddress ?? '');
    let nearest = peer;
    if (!this.#hasProxies || !this.#isProxy(peer)) return nearest;
    for (const text of forwardedFor(request).toReversed()) {
      const address = withoutPort(text);
      if (address === undefined) return nearest;
      nearest = address;
      if (!this.#isProxy(address)) return nearest;
    }
    return nearest;
  }

  /**
   * What tells the client of a request from others. `undefined` behind a proxy that does not say
   * whom it speaks for, or that the settings do not name: all its clients have one address then,
   * and a limit of one would be a limit of all.
   */
  clientOf(request: IncomingMessage): string | undefined {
    const address = this.of(request);
    const isProxyItself = this.#hasProxies && this.#isProxy(address);
    const isPassedOn = isLoopback(address) && !this.isThisMachine(request);
    return isProxyItself || isPassedOn ? undefined : rateKey(address);
  }

  /** Whether any number of clients may stand behind connections from this address. */
  isShared(address: string | undefined): boolean {
    const peer = plain(address ?? '');
    return USUAL_LOOPBACK.has(peer) || this.#isProxy(peer);
  }

  /**
   * A connection from this very machine that no proxy passed on; one by a public name is taken to
   * be from a proxy that does not say so.
   */
  isThisMachine(request: IncomingMessage): boolean {
    const { 'x-forwarded-for': forwardedFor, forwarded, via } = request.headers;
    const isSaid = forwardedFor !== undefined || forwarded !== undefined || via !== undefined;
    const isDirect = !isSaid && !this.#isPublic(request.headers.host);
    return isDirect && isLoopback(plain(request.socket.remoteAddress ?? ''));
  }

  #isPublic(host: string | undefined): boolean {
    const canonical = canonicalHost(host ?? '');
    return canonical !== undefined && this.#publicHosts.has(canonical);
  }

  #trust(text: string): void {
    const [address = '', bits] = text.split('/', 2);
    const family = isIP(address);
    const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
    if (
      family === 0 ||
      !Number.isInteger(length) ||
      length < 0 ||
      length > (family === 6 ? 128 : 32)
    ) {
      throw new BadSetting(`"${text}" is no address and no network such as 10.0.0.0/8.`);
    }
    this.#proxies.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }

  #isProxy(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#proxies.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address === 'localhost';
}

/** What one client can be told by: an IPv6 network of 64 bits belongs to one household. */
export function rateKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::', 2);
  const groups = head.split(':').filter((it) => it !== '');
  const last = tail.split(':').filter((it) => it !== '');
  const zeros = address.includes('::') ? Math.max(0, 8 - groups.length - last.length) : 0;
  return [...groups, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':');
}

function forwardedFor({ headers }: IncomingMessage): string[] {
  const texts = String(headers['x-forwarded-for'] ?? '').split(',');
  return texts.map((it) => it.trim()).filter((it) => it !== '');
}

/** Some proxies write the client's port, too: `192.0.2.1:50123`, `[2001:db8::1]:50123`. */
function withoutPort(text: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/u.exec(text) ?? [];
  const address = plain(bracketed ?? dotted ?? text);
  return isIP(address) === 0 ? undefined : address;
}

/** IPv4 addresses acceptMigration at a socket for both families in IPv6 dress. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
