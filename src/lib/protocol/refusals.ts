/** What a storage node refuses, by name. The HTTP texts of B-1 §1.1 are made from these elsewhere. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { Sequence } from './sequence.ts';

/** The pointer update that a refusal is about, whose parts its text repeats (B-1 §1.1). */
export interface RefusedUpdate {
  readonly writer: KeyHash;
  readonly original: Cid | undefined;
  readonly updated: Cid | undefined;
  /** The sequence numbers of the pointer as it is and of the update. */
  readonly sequences: readonly [current: Sequence | undefined, updated: Sequence | undefined];
}

/** The writer's pointer is not what the update replaces (A-6 §4). Says what it is now. */
export class PointerConflict extends PyrgosError {
  override readonly name: string = 'PointerConflict';
  override readonly kind = 'conflict';
  /** The current target; absent when there is none. */
  readonly current: Cid | undefined;
  readonly sequence: Sequence | undefined;
  /** Absent where another node refused it. */
  readonly update: RefusedUpdate | undefined;

  constructor(current: Cid | undefined, sequence: Sequence | undefined, update?: RefusedUpdate) {
    super('This was changed elsewhere in the meantime.');
    this.current = current;
    this.sequence = sequence;
    this.update = update;
  }
}

/** `controller`: the new state is of another writer. `target`: it is not stored or cannot be read. */
export type PointerRefusal = 'sequence' | 'target' | 'controller';

/** A pointer update breaks a rule other than compare-and-set (B-6 §3). */
export class PointerRefused extends PyrgosError {
  override readonly name: string = 'PointerRefused';
  override readonly kind = 'refused';
  readonly reason: PointerRefusal;
  /** Absent where another node refused it. */
  readonly update: RefusedUpdate | undefined;

  constructor(
    reason: PointerRefusal,
    message: string,
    { update, ...options }: ErrorOptions & { readonly update?: RefusedUpdate } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.update = update;
  }
}

/** The same refusal, naming the update it is about; anything else as it is. */
export function refusalOfUpdate(error: unknown, update: RefusedUpdate): unknown {
  if (error instanceof PointerConflict) {
    return new PointerConflict(error.current, error.sequence, update);
  }
  if (!(error instanceof PointerRefused)) return error;
  return new PointerRefused(error.reason, error.message, { cause: error, update });
}

/** Something is not signed by the key it has to be signed by. */
export class WrongSignature extends PyrgosError {
  override readonly name: string = 'WrongSignature';
  override readonly kind = 'refused';
}

/** A block is larger than the protocol allows (B-6 §2). */
export class BlockTooBig extends PyrgosError {
  override readonly name: string = 'BlockTooBig';
  override readonly kind = 'invalid';
}

/** The account's space on this node is used up. Deleting still works (B-5 §1). */
export class QuotaExceeded extends PyrgosError {
  override readonly name: string = 'QuotaExceeded';
  override readonly kind = 'quota';
  readonly usedBytes: number;
  readonly quotaBytes: number;

  constructor(
    usedBytes: number,
    quotaBytes: number,
    message = 'There is no space left. Please delete some files.',
  ) {
    super(message);
    this.usedBytes = usedBytes;
    this.quotaBytes = quotaBytes;
  }
}

/** The block is protected by a BAT that was not shown. */
export class Unauthorised extends PyrgosError {
  override readonly name: string = 'Unauthorised';
  override readonly kind = 'refused';
}

/** The key may not write here: no chain of verified ownership proofs leads to it from the owner. */
export class UnknownWriter extends PyrgosError {
  override readonly name: string = 'UnknownWriter';
  override readonly kind = 'refused';
}

/** The root of a champ look-up is not stored here; the caller should read the pointer again. */
export class ChampRootMissing extends PyrgosError {
  override readonly name: string = 'ChampRootMissing';
  override readonly kind = 'not-found';
}

/** The user name, or the identity, is registered already. */
export class NameTaken extends PyrgosError {
  override readonly name: string = 'NameTaken';
  override readonly kind = 'conflict';
}

/** Not a user name that may be registered (B-2 §2). */
export class BadName extends PyrgosError {
  override readonly name: string = 'BadName';
  override readonly kind = 'invalid';
}

/** A claim chain is not valid (B-2 §3) or does not continue the registered one (B-2 §4). */
export class BadClaimChain extends PyrgosError {
  override readonly name: string = 'BadClaimChain';
  override readonly kind = 'damaged';
}

/** A sign-up claims another node as its home. */
export class WrongHost extends PyrgosError {
  override readonly name: string = 'WrongHost';
  override readonly kind = 'refused';
}

/** No such user name is registered here. */
export class UnknownUser extends PyrgosError {
  override readonly name: string = 'UnknownUser';
  override readonly kind = 'refused';
}

/** No login record for this name and login key. */
export class WrongPassword extends PyrgosError {
  override readonly name: string = 'WrongPassword';
  override readonly kind = 'refused';
  constructor() {
    super('Wrong user name or password.');
  }
}

/** A signed time is outside its window (B-1 §1.2). */
export class StaleClock extends PyrgosError {
  override readonly name: string = 'StaleClock';
  override readonly kind = 'refused';
  constructor() {
    super("This device's clock seems to be wrong.");
  }
}

/** A signed change came before, or one that was signed later did: it counts once (B-1 §1.2). */
export class RequestRepeated extends PyrgosError {
  override readonly name: string = 'RequestRepeated';
  override readonly kind = 'refused';
  /** The newest time that counted; a newer one is wanted. Unknown from some servers. */
  readonly newestMs: number | undefined;

  constructor(newestMs?: number) {
    super(
      'The server had this request before, or a later one. Please try again in some minutes, and ' +
        'check the clocks of your devices.',
    );
    this.newestMs = newestMs;
  }
}

/** The request is not of the form the protocol gives it. */
export class MalformedRequest extends PyrgosError {
  override readonly name: string = 'MalformedRequest';
  override readonly kind = 'invalid';
}

/** The node cannot be asked at all. */
export class NodeUnreachable extends PyrgosError {
  override readonly name: string = 'NodeUnreachable';
  override readonly kind = 'offline';
  /** It was asked, but its answer does not go on, or not fast enough to be of use. */
  readonly isTooSlow: boolean;

  constructor(
    message?: string,
    { isTooSlow = false, ...options }: ErrorOptions & { readonly isTooSlow?: boolean } = {},
  ) {
    super(message, options);
    this.isTooSlow = isTooSlow;
  }
}

/**
 * The node that was asked is there, but not the one that the account has its home at: the answer is
 * unknown, and asking the same node again at once does not help.
 */
export class HomeServerAway extends NodeUnreachable {
  override readonly name: string = 'HomeServerAway';
  constructor(options?: ErrorOptions) {
    super("The account's own server cannot be reached at the moment.", options);
  }
}

/** A collection found a block or pointer it could not read and removed nothing more (B-6 §4). */
export class CollectionStopped extends PyrgosError {
  override readonly name: string = 'CollectionStopped';
  override readonly kind = 'damaged';
}

/** A name may be registered only with a proof of work of this difficulty (B-2 §5). */
export class WorkRequired extends PyrgosError {
  override readonly name: string = 'WorkRequired';
  override readonly kind = 'refused';
  readonly difficultyBits: number;
  constructor(difficultyBits: number) {
    super('The server is busy and asks for more work before it registers a name.');
    this.difficultyBits = difficultyBits;
  }
}

const SIGN_UP_CLOSED = {
  closed: 'This server takes no new users at present.',
  token: 'This invitation is not valid, or was used before.',
  invitation: 'This server takes new users, or this name, with an invitation of its operator only.',
  operator: 'This name is for an operator of the server and needs the invitation of one.',
} as const;

/** The node takes no new users, or not with this token (B-2 §6.3). */
export class SignUpClosed extends PyrgosError {
  override readonly name: string = 'SignUpClosed';
  override readonly kind = 'refused';
  readonly reason: keyof typeof SIGN_UP_CLOSED;

  constructor(reason: keyof typeof SIGN_UP_CLOSED) {
    super(SIGN_UP_CLOSED[reason]);
    this.reason = reason;
  }
}

const SECOND_FACTOR_REFUSED = {
  code: 'This code is wrong or no longer valid.',
  used: 'This code was used before.',
  'backup-code': 'This backup code is wrong or was used before.',
  'security-key': 'The security key was not accepted.',
  challenge: 'The sign-in took too long. Please start again.',
  unknown: 'There is no such second factor.',
  kind: 'This second factor is of another kind.',
  'too-many': 'There are too many second factors. Please remove one.',
  'first-needed': 'Backup codes need an authenticator app or a security key first.',
  name: 'The name of a second factor is too long.',
} as const;

export type SecondFactorRefusal = keyof typeof SECOND_FACTOR_REFUSED;

export interface SecondFactorRefusedOptions extends ErrorOptions {
  /** For a used code: the time until the authenticator shows the next one. */
  readonly waitSeconds?: number;
}

/** A second factor was wrong, unknown or cannot be added (B-3 §5). */
export class SecondFactorRefused extends PyrgosError {
  override readonly name: string = 'SecondFactorRefused';
  override readonly kind = 'refused';
  readonly reason: SecondFactorRefusal;
  readonly waitSeconds: number | undefined;

  constructor(
    reason: SecondFactorRefusal,
    { waitSeconds, ...options }: SecondFactorRefusedOptions = {},
  ) {
    super(`${SECOND_FACTOR_REFUSED[reason]}${nextCode(waitSeconds)}`, options);
    this.reason = reason;
    this.waitSeconds = waitSeconds;
  }
}

function nextCode(waitSeconds: number | undefined): string {
  if (waitSeconds === undefined) return '';
  if (waitSeconds <= 0) return ' Please type the one that is shown now.';
  return ` The next one comes in ${waitSeconds} ${waitSeconds === 1 ? 'second' : 'seconds'}.`;
}

const LINK_REFUSED = {
  'none-published': 'This user has no secret links.',
  unknown: 'This link does not exist, or was removed.',
  expired: 'This link has expired.',
  'used-up': 'This link was opened as often as it may be.',
  elsewhere: "This link can be opened on its owner's server only.",
  'nothing-public': 'This user has not made any files public.',
  'not-public': 'There is no public file at this place.',
} as const;

export type LinkRefusal = keyof typeof LINK_REFUSED;

/** A secret link or a published path cannot be opened (B-1 §2.1, §2.10). */
export class LinkRefused extends PyrgosError {
  override readonly name: string = 'LinkRefused';
  override readonly kind = 'refused';
  readonly reason: LinkRefusal;

  constructor(reason: LinkRefusal) {
    super(LINK_REFUSED[reason]);
    this.reason = reason;
  }
}

const RATE_LIMITED = {
  requests: 'The server is busy. Please try again in a while.',
  uploads: 'As much was uploaded as this server allows in a day.',
  messages: 'Please wait before sending more messages.',
  'password-changes': 'There are too many unfinished password changes.',
} as const;

export type RateLimit = keyof typeof RATE_LIMITED;

const MINUTE_MS = 60_000;

/** The first whole minute that is not before, as `2026-11-30 14:05 UTC`. */
function minuteOf(timeMs: number): string {
  const minute = new Date(Math.ceil(timeMs / MINUTE_MS) * MINUTE_MS).toISOString();
  return `${minute.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Too many requests in too short a time; trying again later helps. */
export class RateLimited extends PyrgosError {
  override readonly name: string = 'RateLimited';
  override readonly kind: ErrorKind;
  readonly limit: RateLimit;
  /** When it ends, where that is known. */
  readonly untilMs: number | undefined;

  constructor(limit: RateLimit, options: ErrorOptions & { readonly untilMs?: number } = {}) {
    const { untilMs } = options;
    const end = untilMs === undefined ? '' : ` It goes on at ${minuteOf(untilMs)}.`;
    super(RATE_LIMITED[limit] + end, options);
    this.kind = limit === 'uploads' ? 'quota' : 'offline';
    this.limit = limit;
    this.untilMs = untilMs;
  }
}

/** This node does not offer the call, for instance payments. */
export class NotOffered extends PyrgosError {
  override readonly name: string = 'NotOffered';
  override readonly kind = 'refused';
}

/** The server answered something that is not of the protocol, or more than it may. */
export class MalformedAnswer extends PyrgosError {
  override readonly name: string = 'MalformedAnswer';
  override readonly kind = 'offline';
}

/** Runs a parser; whatever it refuses by name becomes a {@link MalformedRequest}. */
export function parseRequest<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new MalformedRequest(`${what} cannot be read: ${error.message}`, { cause: error });
  }
}

/**
 * Whether it is the node that fails, and not what was asked for: whatever else one asks for now
 * fails too, so nothing may be called damaged or missing for it.
 */
export function isNodeFailure(error: unknown): boolean {
  return (
    error instanceof NodeUnreachable ||
    error instanceof RateLimited ||
    error instanceof CollectionStopped
  );
}

/**
 * No answer, or an answer that is not from the node, such as the sign-in page of a hotel network. A
 * node that says of another one that it is away is there itself.
 */
export function isAway(error: unknown): boolean {
  if (error instanceof HomeServerAway) return false;
  return error instanceof NodeUnreachable || error instanceof MalformedAnswer;
}
