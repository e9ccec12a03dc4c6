/** What keeps a secret link from being opened, as far as the node tells; none of it repeats the link. */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  HomeServerAway,
  isAway,
  LinkRefused,
  UnknownUser,
  WrongHost,
} from '#lib/protocol/index.ts';

/** The address is none of a link, or a part of it is missing. */
export class BadLinkAddress extends PyrgosError {
  override readonly name = 'BadLinkAddress';
  override readonly kind = 'invalid';
  constructor() {
    super('This is not the whole address of a link. Please copy all of it.');
  }
}

/** The password that was typed is not the one the link asks for. */
export class WrongLinkPassword extends PyrgosError {
  override readonly name = 'WrongLinkPassword';
  override readonly kind = 'refused';
  constructor() {
    super('This password does not open the link.');
  }
}

/** It ended at the time its owner chose. */
export class LinkExpired extends PyrgosError {
  override readonly name = 'LinkExpired';
  override readonly kind = 'refused';
  constructor(options?: ErrorOptions) {
    super('This link has expired.', options);
  }
}

/** It was opened as often as its owner allows. */
export class LinkUsedUp extends PyrgosError {
  override readonly name = 'LinkUsedUp';
  override readonly kind = 'refused';
  constructor(options?: ErrorOptions) {
    super('This link was opened as often as it may be.', options);
  }
}

/** Its owner took it back, or it never was. */
export class LinkRemoved extends PyrgosError {
  override readonly name = 'LinkRemoved';
  override readonly kind = 'not-found';
  constructor(options?: ErrorOptions) {
    super('This link does not exist, or was removed.', options);
  }
}

/** Its owner is not at home on the server that was asked. */
export class LinkElsewhere extends PyrgosError {
  override readonly name = 'LinkElsewhere';
  override readonly kind = 'refused';
  constructor(options?: ErrorOptions) {
    super('The owner of this link is not on this server, or not any more.', options);
  }
}

/** Nobody answers where the link leads. */
export class LinkServerAway extends PyrgosError {
  override readonly name = 'LinkServerAway';
  override readonly kind = 'offline';
  constructor(options?: ErrorOptions) {
    super('The server of this link cannot be reached. Please try again later.', options);
  }
}

/** The link is there, but what it led to was deleted or got new keys. */
export class LinkTargetGone extends PyrgosError {
  override readonly name = 'LinkTargetGone';
  override readonly kind = 'not-found';
  constructor(options?: ErrorOptions) {
    super('What this link led to is gone.', options);
  }
}

/** The link was made by a client that knows more kinds of them. */
export class NewerLink extends PyrgosError {
  override readonly name = 'NewerLink';
  override readonly kind = 'invalid';
  constructor() {
    super('This link was made by a newer app, and cannot be opened with this one.');
  }
}

/** A definite answer of the node as an error of its own; anything else as it is. */
export function linkErrorOf(error: unknown): unknown {
  if (error instanceof LinkRefused) return refusalOf(error);
  if (error instanceof UnknownUser || error instanceof WrongHost) {
    return new LinkElsewhere({ cause: error });
  }
  const isUnasked = isAway(error) || error instanceof HomeServerAway;
  return isUnasked ? new LinkServerAway({ cause: error }) : error;
}

function refusalOf(error: LinkRefused): PyrgosError {
  const options = { cause: error };
  switch (error.reason) {
    case 'expired':
      return new LinkExpired(options);
    case 'used-up':
      return new LinkUsedUp(options);
    case 'none-published':
    case 'unknown':
      return new LinkRemoved(options);
    case 'elsewhere':
      return new LinkElsewhere(options);
    case 'nothing-public':
    case 'not-public':
      return error;
  }
}
