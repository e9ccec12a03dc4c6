/** What can go wrong between people, each with a sentence a person can act on. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** A record of this room, ours or a friend's, that breaks its format. */
export class MalformedSocialRecord extends PyrgosError {
  override readonly name = 'MalformedSocialRecord';
  override readonly kind = 'damaged';
}

/** A request that cannot be sent, or makes no sense. */
export class FollowRefused extends PyrgosError {
  override readonly name = 'FollowRefused';
  override readonly kind = 'refused';
}

/** The person has too many unanswered requests for the server to take another. */
export class InboxFull extends PyrgosError {
  override readonly name = 'InboxFull';
  override readonly kind = 'refused';
  constructor(username: string) {
    super(`“${username}” has too many unanswered requests. Please try again later.`);
  }
}

/** Somebody who is no follower cannot be given anything. */
export class UnknownRecipient extends PyrgosError {
  override readonly name = 'UnknownRecipient';
  override readonly kind = 'not-found';
  constructor(recipient: string) {
    super(`“${recipient}” does not follow you, so nothing can be shared with them yet.`);
  }
}

/** The folder by which a friend shares is gone. */
export class FriendGone extends PyrgosError {
  override readonly name = 'FriendGone';
  override readonly kind = 'not-found';
  constructor(username: string, options?: ErrorOptions) {
    super(`“${username}” does not let you follow any more, or the account is gone.`, options);
  }
}

/** Nothing opens any more of what was handed on to us from somebody we do not follow. */
export class NothingHandedOn extends PyrgosError {
  override readonly name = 'NothingHandedOn';
  override readonly kind = 'not-found';
  constructor(username: string) {
    super(`Nothing that belongs to “${username}” is shared with you any more.`);
  }
}

/** The item cannot be shared, or not in this way. */
export class ShareRefused extends PyrgosError {
  override readonly name = 'ShareRefused';
  override readonly kind = 'refused';
}

/** What was scanned or typed is no safety number. */
export class UnreadableCode extends PyrgosError {
  override readonly name = 'UnreadableCode';
  override readonly kind = 'invalid';
  constructor(options?: ErrorOptions) {
    super('This is not the code of a safety number.', options);
  }
}

/** A profile cannot hold this. */
export class ProfileRefused extends PyrgosError {
  override readonly name = 'ProfileRefused';
  override readonly kind = 'invalid';
}

/** Nothing is published at a path. */
export class NotPublic extends PyrgosError {
  override readonly name = 'NotPublic';
  override readonly kind = 'not-found';
  constructor(path: readonly string[]) {
    super(`“/${path.join('/')}” is not public.`);
  }
}
