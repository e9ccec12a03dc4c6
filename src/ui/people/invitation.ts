/**
 * An invitation is an address of the site with a name behind the `#`, and nothing secret: whoever
 * opens it is shown that person, and decides. Anybody can put anything there.
 */

const PREFIX = 'invite=';
/** Names that can be registered, and older ones with `_`. */
const USERNAME = /^[a-z0-9][a-z0-9_-]{0,31}$/u;

/** Who invites by a fragment, without its `#`; undefined where it is no invitation. */
export function inviterIn(fragment: string): string | undefined {
  if (!fragment.startsWith(PREFIX)) return undefined;
  const name = fragment.slice(PREFIX.length);
  return USERNAME.test(name) ? name : undefined;
}

/** The address that invites to become a friend of somebody; `site` ends in `/`. */
export function invitationAddress(site: string, username: string): string {
  return `${site}#${PREFIX}${username}`;
}
