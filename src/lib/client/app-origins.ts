/**
 * Whether apps can have origins of their own here: the node says so in the page, and this browser
 * lets a frame that has one neither send anything nor keep anything.
 */
import { APP_ORIGINS_META, appOriginOf } from '#lib/frames/index.ts';
import { chromiumWithAllowlist } from './chromium.ts';

/**
 * What the node of this page said about origins of apps, where they can be used; undefined elsewhere.
 * The page may show frames of that domain then, and no others may lead there: Chromium's allowlist of
 * connections holds frames where they are. A browser without it goes on showing frames of this site alone.
 */
export function announcedAppOrigins(): string | undefined {
  const said = document.querySelector<HTMLMetaElement>(`meta[name="${APP_ORIGINS_META}"]`)?.content;
  if (said === undefined) return undefined;
  if (chromiumWithAllowlist() && 'credentialless' in HTMLIFrameElement.prototype) return said;
  const policy = document.createElement('meta');
  policy.httpEquiv = 'content-security-policy';
  policy.content = "frame-src 'self'";
  document.head.append(policy);
  return undefined;
}

let tested: Promise<boolean> | undefined;

/** The origin of the app with this label, once it was tried that such a frame keeps an app in. */
export async function appOrigin(
  pattern: string | undefined,
  label: string,
): Promise<string | undefined> {
  if (pattern === undefined || !navigator.onLine) return undefined;
  const origin = appOriginOf(pattern, label);
  if (origin === undefined) return undefined;
  tested ??= import('./sandbox-test.ts').then(({ isKeptIn }) => isKeptIn(origin));
  return (await tested) ? origin : undefined;
}
