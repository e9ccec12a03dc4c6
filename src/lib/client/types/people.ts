/** People: friends, requests, and whether their keys were checked. */

/** Who is who to the account that is signed in; usernames. */
export interface PeopleState {
  readonly friends: readonly string[]; // who are followers, and are followed
  readonly followers: readonly string[];
  readonly following: readonly string[];
  readonly pendingOutgoing: readonly string[];
  readonly pendingIncoming: readonly string[];
  readonly blocked: readonly string[];
}

export type RequestAnswer = 'follow-back' | 'allow' | 'deny';

/** Somebody we do not follow, of whom those we follow handed something on to us. */
export interface Acquaintance {
  readonly username: string;
  readonly sharers: readonly string[];
}

/** What came of scanning somebody's code; all but the first have verified them. */
export type Meeting = 'mismatch' | 'asked' | 'following' | 'friends';

/** What speaks for keys that are others than those that were verified; `unexplained`: nothing. */
export type KeyChange = 'boxing-upgrade' | 'signed-identity' | 'unexplained';

export type VerificationState =
  | { readonly kind: 'not-verified' }
  | { readonly kind: 'verified' }
  | { readonly kind: 'keys-changed'; readonly change: KeyChange }; // verified once

/** What two people compare to know that each has the other's keys. */
export interface FriendVerification {
  readonly safetyNumber: string; // 60 digits, the same for both
  readonly qrText: string; // for the friend to scan
  readonly state: VerificationState;
}

/** Somebody who was verified once. */
export interface VerifiedPerson {
  readonly username: string;
  readonly state: VerificationState;
}

/** Friends, requests, and the keys of people. */
export interface PeopleCalls {
  people(signal?: AbortSignal): Promise<PeopleState>; // answers to requests are acted on
  findPeople(text: string): Promise<readonly string[]>; // names that fit; nothing typed leaves the device
  peopleGone(signal?: AbortSignal): Promise<readonly string[]>; // whom we follow, who do not let us any more
  requestFollow(username: string): Promise<void>; // such people can be asked again
  answerRequest(username: string, answer: RequestAnswer): Promise<void>;
  blockPerson(username: string): Promise<void>; // and follow no more
  unblockPerson(username: string): Promise<void>;
  removeFollower(username: string): Promise<void>; // and take back all they were given
  handedOn(signal?: AbortSignal): Promise<readonly Acquaintance[]>; // what opens now
  verification(username: string, signal?: AbortSignal): Promise<FriendVerification>;
  compareCode(username: string, scanned: string): Promise<boolean>; // a QR code's text or 60 digits; the result is kept
  ownCode(signal?: AbortSignal): Promise<string>; // for somebody to scan from this screen
  meet(username: string, code: string): Promise<Meeting>; // of a code that was scanned: verifies, and asks or answers
  markVerified(username: string, isVerified: boolean): Promise<void>; // of the number that was shown last
  verifiedPeople(signal?: AbortSignal): Promise<readonly VerifiedPerson[]>;
}
