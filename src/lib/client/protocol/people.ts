/** Calls about friends, requests and the keys of people. */
import { names } from './common.ts';
import type {
  Acquaintance,
  FriendVerification,
  Meeting,
  PeopleState,
  VerificationState,
  VerifiedPerson,
} from '../types.ts';
import {
  type Parser,
  byKind,
  flag,
  listOf,
  nothing,
  object,
  oneOf,
  shape,
  text,
} from '#lib/rpc/index.ts';

export const people: Parser<PeopleState> = object({
  friends: names,
  followers: names,
  following: names,
  pendingOutgoing: names,
  pendingIncoming: names,
  blocked: names,
});
const meeting: Parser<Meeting> = oneOf('mismatch', 'asked', 'following', 'friends');
const acquaintance: Parser<Acquaintance> = object({ username: text, sharers: listOf(text) });
const verificationState: Parser<VerificationState> = byKind({
  'not-verified': object({}),
  verified: object({}),
  'keys-changed': object({ change: oneOf('boxing-upgrade', 'signed-identity', 'unexplained') }),
});
const verification: Parser<FriendVerification> = object({
  safetyNumber: text,
  qrText: text,
  state: verificationState,
});
const verifiedPerson: Parser<VerifiedPerson> = object({ username: text, state: verificationState });

export const peopleProtocol = {
  people: shape([], people),
  findPeople: shape([text], names),
  requestFollow: shape([text], nothing),
  answerRequest: shape([text, oneOf('follow-back', 'allow', 'deny')], nothing),
  blockPerson: shape([text], nothing),
  removeFollower: shape([text], nothing),
  unblockPerson: shape([text], nothing),
  peopleGone: shape([], listOf(text)),
  handedOn: shape([], listOf(acquaintance)),
  verification: shape([text], verification),
  ownCode: shape([], text),
  meet: shape([text, text], meeting),
  compareCode: shape([text, text], flag),
  markVerified: shape([text, flag], nothing),
  verifiedPeople: shape([], listOf(verifiedPerson)),
};
