/** What can go wrong with an account, each in a sentence a person can act on. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { LeftOut } from '#lib/drive/index.ts';
import type { Sequence } from '#lib/protocol/index.ts';
import type { SecondFactorChallenge } from '#lib/protocol/index.ts';

/** The password equals the user name, or is too easy to guess. */
export class PasswordRefused extends PyrgosError {
  override readonly name = 'PasswordRefused';
  override readonly kind = 'refused';
}

/** The identity's state was deleted (B-3 §3). */
export class UserDeleted extends PyrgosError {
  override readonly name = 'UserDeleted';
  override readonly kind = 'refused';
  constructor() {
    super('This account has been deleted. Did you mean a different user name?');
  }
}

/** The name is registered, but the server has no state of the identity and never had one. */
export class AccountAbsent extends PyrgosError {
  override readonly name = 'AccountAbsent';
  override readonly kind = 'refused';
  constructor() {
    super(
      'This server knows the name, but not the account: it may lie on another server, or its ' +
        'sign-up was not finished.',
    );
  }
}

/**
 * Throws {@link UserDeleted} or {@link AccountAbsent} for an identity without state. A pointer that
 * was never set has no sequence; one that was set to nothing has (A-6 §3).
 */
export function refuseWithoutState(sequence: Sequence | undefined): never {
  throw sequence === undefined ? new AccountAbsent() : new UserDeleted();
}

/** The account exists, but its stored state is not what the protocol says. */
export class MalformedAccount extends PyrgosError {
  override readonly name = 'MalformedAccount';
  override readonly kind = 'damaged';
}

/** This browser has no valid saved login. */
export class SignInAgain extends PyrgosError {
  override readonly name = 'SignInAgain';
  override readonly kind = 'refused';
  constructor() {
    super('Please sign in again with your password.');
  }
}

/** The account asks for a second factor, and none was given (B-3 §3). */
export class SecondFactorNeeded extends PyrgosError {
  override readonly name = 'SecondFactorNeeded';
  override readonly kind = 'refused';
  readonly asked: SecondFactorChallenge;

  constructor(asked: SecondFactorChallenge) {
    super('Please confirm with your second factor.');
    this.asked = asked;
  }
}

/** A node presents another identity for a name than the one that was seen before (B-2 §10). */
export class IdentityChanged extends PyrgosError {
  override readonly name = 'IdentityChanged';
  override readonly kind = 'refused';
  readonly username: string;

  constructor(username: string, options?: ErrorOptions) {
    super(
      `The server shows another identity for ${username} than before. It was refused.`,
      options,
    );
    this.username = username;
  }
}

/** Two nodes show different identities for a name, and neither follows the other (B-2 §4). */
export class IdentityDisputed extends PyrgosError {
  override readonly name = 'IdentityDisputed';
  override readonly kind = 'refused';
  readonly username: string;
  readonly dispute: Dispute;

  constructor(username: string, dispute: Dispute) {
    const { shown, said, witness } = dispute;
    super(
      `Two servers show different keys for ${username}. Neither was believed. ` +
        `The server of your account says ${shown}, ${witness ?? 'the second one'} says ${said}.`,
    );
    this.username = username;
    this.dispute = dispute;
  }
}

/** Who says what of a name; keys by their fingerprints. */
export interface Dispute {
  readonly shown: string;
  readonly said: string;
  /** The node that contradicts, as people call it. */
  readonly witness: string | undefined;
}

/** The account cannot be moved, or not there; the sentence says why. The old place is untouched. */
export class MoveRefused extends PyrgosError {
  override readonly name = 'MoveRefused';
  override readonly kind = 'refused';
}

/** How many paths a sentence can hold. */
const NAMED_PATHS = 3;

/** Parts of the account are missing or damaged where it is: it is not taken along without them. */
export class AccountIncomplete extends PyrgosError {
  override readonly name = 'AccountIncomplete';
  override readonly kind = 'damaged';
  /** The files and folders that are hit, from the home down, as far as they can be known. */
  readonly damaged: readonly LeftOut[];

  constructor(
    damaged: readonly LeftOut[],
    options: ErrorOptions & { readonly cause: PyrgosError },
  ) {
    const paths = damaged.slice(0, NAMED_PATHS).map(({ path }) => `“/${path.join('/')}”`);
    const more = damaged.length - paths.length;
    const named = more > 0 ? `${paths.join(', ')} and ${more} more` : paths.join(', ');
    super(
      paths.length === 0
        ? `${options.cause.message} No file or folder is hit as far as can be seen.`
        : `Parts of this account are missing or damaged: ${named}. Delete them, or put them in ` +
            'place anew, and try again. The account is where it was.',
      options,
    );
    this.damaged = damaged;
  }
}
