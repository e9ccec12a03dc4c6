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

const isBelow = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/**
 * Names of the node, of websites and of apps must not meet: each is an origin of other people.
 * @throws BadSetting if a name of the node is at or below a domain of websites or apps, or one of these at or below the other
 */
export function checkDomains(settings: NodeSettings): void {
  const { gatewayDomain, appOrigins } = settings;
  checkDomain(settings, gatewayDomain, ['Websites', '--gateway-domain']);
  checkDomain(settings, appOrigins, ['Apps', '--app-origins']);
  if (gatewayDomain === undefined || appOrigins === undefined) return;
  if (!isBelow(gatewayDomain, appOrigins) && !isBelow(appOrigins, gatewayDomain)) return;
  throw new BadSetting(
    `Apps cannot have origins under ${appOrigins}, because websites are under ${gatewayDomain}. ` +
      'Give --app-origins a name of its own.',
  );
}

function checkDomain(
  { publicHosts }: NodeSettings,
  domain: string | undefined,
  [what, option]: readonly [string, string],
): void {
  if (domain === undefined) return;
  const own = [...publicHosts.map((name) => name.replace(/:\d+$/u, '')), 'localhost', '127.0.0.1'];
  const clash = own.find((name) => isBelow(name, domain));
  if (clash === undefined) return;
  throw new BadSetting(
    `${what} cannot be served under ${domain}, because the node itself is ${clash}. ` +
      `Give ${option} a name of its own.`,
  );
}
