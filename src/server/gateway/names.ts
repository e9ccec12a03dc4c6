/**
 * The names websites are served under: `<user>.<gateway domain>`, and no others. They are never
 * names of the node itself, so that a page of a website has nothing of the app's origin.
 */
import { isValidUsername } from '#lib/protocol/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';

/**
 * The user whose website a host names, a port left aside; undefined for any other host, also for the
 * domain itself and for names of more labels. `host` is in canonical form.
 */
export function userOfHost(host: string, domain: string | undefined): string | undefined {
  if (domain === undefined) return undefined;
  const name = host.replace(/:\d+$/u, '');
  if (!name.endsWith(`.${domain}`)) return undefined;
  const user = name.slice(0, -domain.length - 1);
  return isValidUsername(user) ? user : undefined;
}

/** @throws BadSetting if a name of the node is at or below the gateway's domain, or the other way round */
export function checkGatewayDomain({ gatewayDomain, publicHosts }: NodeSettings): void {
  if (gatewayDomain === undefined) return;
  const isBelow = (name: string, domain: string) => name === domain || name.endsWith(`.${domain}`);
  const own = [...publicHosts.map((name) => name.replace(/:\d+$/u, '')), 'localhost', '127.0.0.1'];
  const clash = own.find((name) => isBelow(name, gatewayDomain));
  if (clash === undefined) return;
  throw new BadSetting(
    `Websites cannot be served under ${gatewayDomain}, because the node itself is ${clash}. ` +
      'Give --gateway-domain a name of its own.',
  );
}
