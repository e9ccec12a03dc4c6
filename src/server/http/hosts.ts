/**
 * The names this node answers to (B-1 §1.4). A page from elsewhere can make a browser send requests
 * to an address of this machine under a name of its own; such a request is not for us.
 */
import type { RelyingParty } from '#lib/crypto/index.ts';
import { canonicalOrigin } from '#lib/node-http/index.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { isLoopback } from './client-address.ts';

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** Names that are accepted by a node listening at this port, in any spelling. */
export function acceptedHosts(settings: NodeSettings, port: number): string[] {
  const hosts = [...settings.publicHosts];
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) hosts.push(`${name}:${String(port)}`);
  const { host } = settings;
  if (!ANY_ADDRESS.has(host) && !isLoopback(host)) hosts.push(`${bracketed(host)}:${String(port)}`);
  return hosts;
}

/** Whether others than this machine are to be served, and may therefore read by `GET` (B-1 §1.2). */
export function isPublic({ host, publicHosts }: NodeSettings): boolean {
  return publicHosts.length > 0 || (!isLoopback(host) && !ANY_ADDRESS.has(host));
}

/** Where a person of this machine, or with a public name anybody, finds the node. */
export function addressOf(settings: NodeSettings, port: number): string {
  const [name] = settings.publicHosts;
  if (name === undefined) {
    const { host } = settings;
    const own = ANY_ADDRESS.has(host) || isLoopback(host) ? 'localhost' : bracketed(host);
    return `http://${own}:${String(port)}`;
  }
  // A name without a port is one that a proxy with TLS answers for.
  const port443 = /:443$/u;
  const isPlain = /:\d+$/u.test(name) && !port443.test(name) && !settings.isTlsOnly;
  return `${isPlain ? 'http' : 'https'}://${name.replace(port443, '')}`;
}

/** The site that security keys are registered for: it and no other can use them (B-3 §5). */
export function relyingParty(settings: NodeSettings): RelyingParty {
  const origin = canonicalOrigin(addressOf(settings, settings.port)) ?? '';
  return { id: new URL(origin).hostname, origins: [origin] };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
