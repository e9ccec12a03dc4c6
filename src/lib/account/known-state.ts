/**
 * What a device remembers of an account it has opened: whose it is, and how its password is
 * stretched. Both are public and come from a node: hostile. One that shows an identity of its own,
 * or weaker parameters, would be sent what makes the password easy to guess. So a change is named,
 * and the person decides, before anything that comes of the password is sent.
 *
 * The algorithm of the same identity changes with every change of the password, on whatever device:
 * the identity signed it. Nobody but the person knows whether that was meant.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import { decodeBlock, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import { algorithmFromCbor, type KeyHash } from '#lib/crypto/index.ts';
import type { Session } from './session.ts';

/** What is kept; no secret in it. */
export interface KnownState {
  /** Text of the identity's name. */
  readonly identity: string;
  /** CBOR of the algorithm, as the identity's state shows it. */
  readonly algorithm: Uint8Array;
}

export type AccountChange = 'IdentityReplaced' | 'PasswordWeakened' | 'PasswordReplaced';

const SENTENCES: Record<AccountChange, (username: string) => string> = {
  IdentityReplaced: (username) =>
    `Another identity is shown for ${username} than the one that was opened here before. ` +
    'The server that shows it could use this to find out your password. Go on only if you know why.',
  PasswordWeakened: (username) =>
    `The password of ${username} would be protected less than it was before. ` +
    'Go on only if you know why.',
  PasswordReplaced: (username) =>
    `The password of ${username} was changed since it was last used here. ` +
    'Go on if you changed it, on another device for instance.',
};

/** An account is not as it was when it was opened here; nothing was sent yet. */
export class AccountChanged extends PyrgosError {
  override readonly name: AccountChange;
  override readonly kind = 'refused';

  constructor(change: AccountChange, username: string) {
    super(SENTENCES[change](username));
    this.name = change;
  }
}

/** What to remember after a sign-in or a change of the password. */
export function knownStateOf({
  identity,
  algorithm,
}: Pick<Session, 'identity' | 'algorithm'>): KnownState {
  return { identity: identity.hash.toString(), algorithm: encodeCbor(algorithm) };
}

/**
 * For an operation of an open session that asks for the password again: another identity than the
 * session's is refused; that the password was changed meanwhile is for its owner to know.
 */
export function asInSession(session: Session): {
  readonly known: KnownState;
  readonly accepts: AccountChange;
} {
  return { known: knownStateOf(session), accepts: 'PasswordReplaced' };
}

export interface ShownState {
  readonly username: string;
  readonly owner: KeyHash;
  readonly algorithm: CborValue;
}

/** What a device knows of an account, and what the person says to another state of it. */
export interface Expectation {
  /** What this device remembers of the account, if it has opened it before. */
  readonly known?: KnownState | undefined;
  /** A change of what is remembered that the person agreed to before. */
  readonly accepts?: AccountChange | undefined;
  /** Asked about any other change; throws it to give up. Without it the change is thrown. */
  readonly agree?: ((change: AccountChanged) => Promise<void>) | undefined;
}

/** Throws {@link AccountChanged} unless the account is as it was, or the person agrees to its change. */
export async function requireKnownState(
  { username, owner, algorithm }: ShownState,
  { known, accepts, agree }: Expectation,
): Promise<void> {
  if (known === undefined) return;
  const change = changeBetween(known, owner.toString(), algorithm);
  if (change === undefined || change === accepts) return;
  const changed = new AccountChanged(change, username);
  if (agree === undefined) throw changed;
  await agree(changed);
}

function changeBetween(
  known: KnownState,
  identity: string,
  algorithm: CborValue,
): AccountChange | undefined {
  if (identity !== known.identity) return 'IdentityReplaced';
  if (equalBytes(encodeCbor(algorithm), known.algorithm)) return undefined;
  return workOf(algorithm) < workOf(decodeBlock(known.algorithm))
    ? 'PasswordWeakened'
    : 'PasswordReplaced';
}

/** What a guess costs; without a password nothing. */
function workOf(value: CborValue): number {
  const algorithm = algorithmFromCbor(value);
  return algorithm.type === 0 ? 0 : 2 ** algorithm.m * algorithm.c * algorithm.p;
}
