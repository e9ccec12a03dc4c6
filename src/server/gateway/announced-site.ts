/**
 * The site as this node serves it: its page says what the node offers at other names, websites of users
 * and origins for apps, and may show the frames of these apps.
 */
import { APP_LOADER_FILE, APP_ORIGINS_META, WEBSITES_META } from '#lib/frames/index.ts';
import { addressOf } from '../http/hosts.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { alteredSite, type Site } from '../site/site.ts';

const SERVICE_WORKER = 'service-worker.js';

/** The same site where there is nothing to say; `port` is the one that is listened at. */
export function announcedSite(site: Site, settings: NodeSettings, port: number): Site {
  const page = new TextDecoder().decode(site.index.bytes);
  const hasLoader = site.file(APP_LOADER_FILE) !== undefined;
  const appOrigins = hasLoader ? patternOf(settings.appOrigins, settings, port) : undefined;
  const allowed =
    appOrigins === undefined
      ? page
      : page.replace(/\bframe-src (?:'self'|&#39;self&#39;)/u, `$& ${appOrigins}`);
  const said = [
    // A page without a policy for frames is none of ours.
    ...(allowed === page ? [] : [[APP_ORIGINS_META, appOrigins]]),
    [WEBSITES_META, patternOf(settings.gatewayDomain, settings, port)],
  ].filter(([, pattern]) => pattern !== undefined);
  if (said.length === 0) return site;
  const metas = said.map(([name, pattern]) => `<meta name="${name!}" content="${pattern!}">`);
  const text = allowed.replace(/<meta charset="utf-8"[^>]*>/u, `$&${metas.join('')}`);
  const files = new Map([['index.html', new TextEncoder().encode(text)]]);
  const worker = site.file(SERVICE_WORKER);
  if (worker !== undefined) {
    // Browsers that kept the page take a new one when the script of the service worker is another.
    const script = `${new TextDecoder().decode(worker.bytes)}\n// ${JSON.stringify(said)}\n`;
    files.set(SERVICE_WORKER, new TextEncoder().encode(script));
  }
  return alteredSite(site, files);
}

/** Names below a domain, with the scheme and port of the node: `https://*.apps.example.org`. */
function patternOf(
  domain: string | undefined,
  settings: NodeSettings,
  listenedAt: number,
): string | undefined {
  if (domain === undefined) return undefined;
  const { protocol, port } = new URL(addressOf(settings, listenedAt));
  return `${protocol}//*.${domain}${port === '' ? '' : `:${port}`}`;
}
