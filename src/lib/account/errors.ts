/** What can go wrong with an account, each in a sentence a person can act on. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** The password equals the user name, or is too easy to guess. */
export class PasswordRefused extends PyrgosError {
  override readonly name = 'PasswordRefused';
}

/** The identity's state was deleted (B-3 §3). */
export class UserDeleted extends PyrgosError {
  override readonly name = 'UserDeleted';
  constructor() {
    super('This account has been deleted. Did you mean a different user name?');
  }
}

/** The account exists, but its stored state is not what the protocol says. */
export class MalformedAccount extends PyrgosError {
  override readonly name = 'MalformedAccount';
}

/** Nothing usable is kept in this browser to stay signed in with. */
export class SignInAgain extends PyrgosError {
  override readonly name = 'SignInAgain';
  constructor() {
    super('Please sign in again with your password.');
  }
}

/** The account asks for a second factor, which this version cannot answer (B-3 §5). */
export class SecondFactorNeeded extends PyrgosError {
  override readonly name = 'SecondFactorNeeded';
  constructor() {
    super('This account asks for a second factor, which is not supported here yet.');
  }
}
