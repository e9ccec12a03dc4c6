/** Where a node serves the websites of its users (C-9 §9.10), as it says in a `<meta>` of the page. */

/** Name of that `<meta>`; its content is `https://*.sites.example.org`. */
export const WEBSITES_META = 'pyrgos-websites';

const PATTERN = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?)$/;
const PATTERN_MAX_CHARACTERS = 300;
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/;

/** The address of a user's website, with `/`; undefined for a pattern or a name of another form. */
export function websiteAddressOf(pattern: string, username: string): string | undefined {
  if (pattern.length > PATTERN_MAX_CHARACTERS || !NAME.test(username)) return undefined;
  const [, scheme, domain] = PATTERN.exec(pattern) ?? [];
  if (scheme === undefined || domain === undefined) return undefined;
  return `${scheme}${username}${domain}/`;
}
