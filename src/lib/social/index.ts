/**
 * People: who follows whom, what is shared with whom, and how it is taken back (C-1 to C-3). All of
 * it lies in hidden files of the own home, readable by the owner alone and by other clients.
 */
export {
  FollowRefused,
  FriendGone,
  InboxFull,
  NothingHandedOn,
  NotPublic,
  ProfileRefused,
  ShareRefused,
  UnknownRecipient,
  UnreadableCode,
} from './errors.ts';
export { Follow } from './follow/follow.ts';
export type { Answer, SocialState } from './follow/follow.ts';
export { NameIndex } from './find/name-index.ts';
export type { GroupName } from './follow/people-records.ts';
export {
  BadLinkAddress,
  LinkElsewhere,
  LinkExpired,
  LinkRemoved,
  LinkServerAway,
  LinkTargetGone,
  LinkUsedUp,
  NewerLink,
  WrongLinkPassword,
} from './links/errors.ts';
export { ItemRoot } from './links/item-root.ts';
export {
  capabilityLinkAddress,
  NO_WISHES,
  parseLinkAddress,
  secretLinkAddress,
} from './links/link-address.ts';
export type {
  CapabilityLinkAddress,
  LinkAddress,
  LinkWishes,
  SecretLinkAddress,
} from './links/link-address.ts';
export { Links } from './links/links.ts';
export type { LinkedItem, LinkTerms } from './links/links.ts';
export { fetchLink, guestDrive, openLink, shownIdentity } from './links/open-link.ts';
export type { ClosedLink, LinkPlace, OpenLink, VisitDeps } from './links/open-link.ts';
export { identitiesFrom } from './person.ts';
export type { Person, SocialDeps } from './person.ts';
export { PROFILE_FIELDS } from './profile/fields.ts';
export type { ProfileChange, ProfileField, ProfileFields } from './profile/fields.ts';
export { Profile } from './profile/profile.ts';
export { findPublished } from './public/find-published.ts';
export type { PublishedItem } from './public/find-published.ts';
export { publicAddress, PublicFiles } from './public/public-files.ts';
export { WEB_ROOT_MAX_BYTES, webRootFieldOf, webRootFrom, Website } from './public/website.ts';
export type { WebsiteState } from './public/website.ts';
export { shareRecords } from './share/share-records.ts';
export { FriendRoots } from './share/friend-roots.ts';
export type { Acquaintance } from './share/friend-roots.ts';
export { comeBack, leave } from './share/leave.ts';
export type { Given } from './share/mirror.ts';
export type { EntryShares, FolderShares, LinkProperties, Right } from './share/shared-with.ts';
export { forgetShares, moveShares } from './share/noted-shares.ts';
export type { SharedItem } from './share/noted-shares.ts';
export { Sharing } from './share/sharing.ts';
export type { Recipient } from './share/sharing.ts';
export { meet, ownCode } from './verify/meet.ts';
export type { Meeting } from './verify/meet.ts';
export { Verification } from './verify/verification.ts';
export type { FriendVerification, KeyChange, VerificationState } from './verify/verification.ts';
