/**
 * An invitation is an address of the site with a name behind the `#`, and nothing secret: a
 * person who opens it is shown the inviter, and decides. Anybody can put anything there.
 *
 * The one that is shown as a QR code holds a code for that person's keys as well. Only a scan from
 * that person's screen says anything about keys: the page that opens such an address passes it over.
 */

const PREFIX = 'invite=';
/**
 * A name that can be registered, or an older one with `_`; the code (C-5 §5.2) in hex; and the node
 * that knows the name, where that has no domain.
 */
const INVITER =
  /^([a-z0-9][a-z0-9_-]{0,31})(?:\.([0-9a-f]{64}))?(?:&node=\/ip[46]\/[\w./:-]{1,280})?$/u;
const ADDRESS_MAX_CHARACTERS = 4096;

/** What somebody shows on a screen to be scanned. */
export interface ShownInvitation {
  readonly username: string;
  readonly code: string;
}

/** Who invites by a fragment, without its `#`; undefined where it is no invitation. */
export function inviterIn(fragment: string): string | undefined {
  return partsOf(fragment)?.[1];
}

/** What was scanned, at whatever site it is; undefined where it is no invitation with a code. */
export function shownInvitationIn(scanned: string): ShownInvitation | undefined {
  const hash = scanned.indexOf('#');
  if (hash < 0 || scanned.length > ADDRESS_MAX_CHARACTERS) return undefined;
  const [, username, code] = partsOf(scanned.slice(hash + 1).trim()) ?? [];
  return username === undefined || code === undefined ? undefined : { username, code };
}

/**
 * The address that invites to become a friend of somebody; `site` ends in `/`. With a code it is for a
 * screen that is scanned. `server` is that of the account: a node without a domain is named, too.
 */
export function invitationAddress(
  site: string,
  username: string,
  code?: string,
  server?: string,
): string {
  const node = server?.startsWith('/') === true ? `&node=${server}` : '';
  return `${site}#${PREFIX}${username}${code === undefined ? '' : `.${code}`}${node}`;
}

function partsOf(fragment: string): RegExpExecArray | undefined {
  if (!fragment.startsWith(PREFIX)) return undefined;
  return INVITER.exec(fragment.slice(PREFIX.length)) ?? undefined;
}
