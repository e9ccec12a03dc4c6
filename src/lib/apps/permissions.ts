/**
 * What an app may be allowed (C-9 §9.3, §9.4). The list is closed. Installing an app grants all that
 * its manifest lists; nothing is asked again while it runs.
 */
/** In the order in which screens show them: what reaches furthest first. */
export const PERMISSIONS = [
  'EXCHANGE_MESSAGES_WITH_FRIENDS',
  'USE_MAILBOX',
  'EDIT_CHOSEN_FILE',
  'READ_CHOSEN_FOLDER',
  'STORE_APP_DATA',
  'ACCESS_PROFILE_PHOTO',
  'CSP_UNSAFE_EVAL',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const KNOWN: ReadonlySet<string> = new Set(PERMISSIONS);

/** Permissions whose routes answer 501 in this client: they can be listed, and do nothing yet. */
export const NOT_AVAILABLE_YET: ReadonlySet<Permission> = new Set([
  'EXCHANGE_MESSAGES_WITH_FRIENDS',
  'USE_MAILBOX',
]);

/** The routes of the app API, by the first segment after `/peergos-api/v0/`. */
export const ROUTE_NAMES = [
  'data',
  'form',
  'save',
  'file-picker',
  'folders',
  'print',
  'profile',
  'install-app',
  'chat',
  'mailbox',
] as const;

export type RouteName = (typeof ROUTE_NAMES)[number];

/** The permission a whole route needs. `profile` needs one for `?thumbnail=true` only. */
export const ROUTE_PERMISSION: ReadonlyMap<RouteName, Permission> = new Map<RouteName, Permission>([
  ['data', 'STORE_APP_DATA'],
  ['form', 'STORE_APP_DATA'],
  ['folders', 'READ_CHOSEN_FOLDER'],
  ['chat', 'EXCHANGE_MESSAGES_WITH_FRIENDS'],
  ['mailbox', 'USE_MAILBOX'],
]);

export function isPermission(text: string): text is Permission {
  return KNOWN.has(text);
}

/** The permissions that `after` has and `before` lacks. */
export function addedPermissions(
  before: readonly Permission[],
  after: readonly Permission[],
): Permission[] {
  return after.filter((one) => !before.includes(one));
}
