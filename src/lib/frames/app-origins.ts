/**
 * Origins of apps: a node with a domain for them answers at `<label>.<domain>` for each app, whose
 * document then shares its origin with no other app and with no page of ours. The node says so in a
 * `<meta>` of the page, beside the policy that lets the page show such frames.
 */

/** Name of the `<meta>` in which a node says where apps have origins: `https://*.apps.example.org`. */
export const APP_ORIGINS_META = 'pyrgos-app-origins';

/** Below the site: the first script of an app's document, for a node. A text, so that no browser runs it. */
export const APP_LOADER_FILE = '_app/app-loader.txt';

/** SHA-256 as a multihash in base32, with the letter of the base: one label of a host name. */
const LABEL = /^b[a-z2-7]{55}$/;
const PATTERN = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?)$/;
const PATTERN_MAX_CHARACTERS = 300;

/** Whether a text is the label of an app. */
export function isAppLabel(text: string): boolean {
  return LABEL.test(text);
}

/**
 * The origin of the app with this label, where `pattern` is what a node said; undefined for a pattern
 * or a label of another form.
 */
export function appOriginOf(pattern: string, label: string): string | undefined {
  if (pattern.length > PATTERN_MAX_CHARACTERS || !isAppLabel(label)) return undefined;
  const [, scheme, domain] = PATTERN.exec(pattern) ?? [];
  return scheme === undefined || domain === undefined ? undefined : scheme + label + domain;
}
