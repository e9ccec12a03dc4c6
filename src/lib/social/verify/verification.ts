/**
 * Verifying that a friend's keys are his (C-5). What is stored is what the two people found when
 * they compared; no node has a say in it. When the friend's keys are others later, that is told, and
 * what speaks for them.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import { HYBRID, PublicBoxingKey, type KeyHash } from '#lib/crypto/index.ts';
import { writeSmall, type Change, type Handle } from '#lib/drive/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { FollowRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { readRecord } from '../tree.ts';
import {
  annotationFromCbor,
  ANNOTATIONS,
  annotationsFromBytes,
  annotationsToBytes,
  annotationToCbor,
  type Annotations,
  type FriendAnnotation,
  type FriendKeys,
} from './annotations.ts';
import {
  fingerprintOf,
  halfFingerprint,
  isOtherSide,
  qrTextOf,
  safetyNumber,
} from './fingerprint.ts';

/** What speaks for keys that are others than those that were verified. */
export type KeyChange =
  /** The verified identity itself shows a boxing key of today's kind: the one change accounts make. */
  | 'boxing-upgrade'
  /** The verified identity signed the present one as its successor. */
  | 'signed-identity'
  /** Nothing. */
  | 'unexplained';

export type VerificationState =
  | { readonly kind: 'not-verified' }
  | { readonly kind: 'verified' }
  /** Verified once, and the keys changed since. */
  | { readonly kind: 'keys-changed'; readonly change: KeyChange };

/** What is shown of a friend to verify him. */
export interface FriendVerification {
  /** 60 digits; both people see the same. */
  readonly safetyNumber: string;
  /** Text of the QR code to show. */
  readonly qrText: string;
  readonly state: VerificationState;
}

/** A friend's keys of now. */
interface PresentKeys extends FriendKeys {
  readonly formerIdentities: readonly KeyHash[];
}

export class Verification {
  readonly #deps: SocialDeps;
  /** Of each friend, the keys whose number is on the screen: a mark is for these. */
  readonly #shown = new Map<string, FriendKeys>();

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  /** What to compare, and what was found before. @throws UnknownUser, IdentityChanged, FollowRefused */
  async of(username: string, signal?: AbortSignal): Promise<FriendVerification> {
    const keys = await this.#keysOf(username, signal);
    const fingerprint = await this.#fingerprint(username, keys, signal);
    const state = await this.#state(username, keys, signal);
    this.#shown.set(username, keys);
    return { safetyNumber: safetyNumber(fingerprint), qrText: qrTextOf(fingerprint), state };
  }

  /** What was found of a friend, against his keys of now. @throws as {@link of} */
  async stateOf(username: string, signal?: AbortSignal): Promise<VerificationState> {
    const noted = await this.#noted(username, signal);
    if (noted?.isVerified !== true) return { kind: 'not-verified' };
    return this.#state(username, await this.#keysOf(username, signal), signal);
  }

  /**
   * Compares with the text of the friend's QR code, or his 60 digits, and stores the result: keys
   * that do not match are not verified any more. @throws UnreadableCode, and as {@link of}
   */
  async compare(username: string, scanned: string, signal?: AbortSignal): Promise<boolean> {
    const keys = await this.#keysOf(username, signal);
    const fingerprint = await this.#fingerprint(username, keys, signal);
    const isVerified = isOtherSide(fingerprint, scanned);
    await this.#note({ username, isVerified, keys }, signal);
    return isVerified;
  }

  /** The half fingerprint of our own name and keys (C-5 §5.2). @throws FollowRefused */
  async ownHalf(signal?: AbortSignal): Promise<Uint8Array> {
    const { person } = this.#deps;
    const { identity, boxing } = await this.#publishedKeys(person.identity.hash, signal);
    return halfFingerprint({ username: person.username, keys: [identity, boxing] });
  }

  /**
   * Compares a friend's keys with the half fingerprint that he shows, and stores the result as
   * {@link compare} does. @throws as {@link of}
   */
  async compareHalf(username: string, shown: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    if (username === this.#deps.person.username) throw new FollowRefused('This is your own code.');
    const keys = await this.#keysOf(username, signal);
    const half = halfFingerprint({ username, keys: [keys.identity, keys.boxing] });
    const isVerified = equalBytes(half, shown);
    await this.#note({ username, isVerified, keys }, signal);
    return isVerified;
  }

  /** Notes what a person found by reading the number that {@link of} showed last. @throws as {@link of} */
  async mark(username: string, isVerified: boolean, signal?: AbortSignal): Promise<void> {
    const keys = this.#shown.get(username) ?? (await this.#keysOf(username, signal));
    await this.#note({ username, isVerified, keys }, signal);
  }

  /** Names of those who were verified, whether or not their keys changed since. */
  marked(signal?: AbortSignal): Promise<readonly string[]> {
    return this.#deps.drive.look(async (change, home) => {
      const items = await readAnnotations(change, home);
      return [...items.values()]
        .map(annotationFromCbor)
        .flatMap(({ username, isVerified }) => (isVerified ? [username] : []));
    }, signal);
  }

  async #state(
    username: string,
    keys: PresentKeys,
    signal?: AbortSignal,
  ): Promise<VerificationState> {
    const noted = await this.#noted(username, signal);
    if (noted?.isVerified !== true) return { kind: 'not-verified' };
    if (isSame(noted.keys, keys)) return { kind: 'verified' };
    return { kind: 'keys-changed', change: await this.#change(noted.keys, keys, signal) };
  }

  async #change(before: FriendKeys, now: PresentKeys, signal?: AbortSignal): Promise<KeyChange> {
    const isKnown = now.formerIdentities.some((former) => former.equals(before.identity));
    if (isKnown) return 'signed-identity';
    if (!now.identity.equals(before.identity)) return 'unexplained';
    const block = await new Snapshot(this.#deps.driveDeps, now.identity).block(
      now.boxing,
      undefined,
      signal,
    );
    const { type } = PublicBoxingKey.fromCbor(decodeBlock(block));
    return type === HYBRID ? 'boxing-upgrade' : 'unexplained';
  }

  async #fingerprint(username: string, keys: FriendKeys, signal?: AbortSignal) {
    const { person } = this.#deps;
    const own = await this.#publishedKeys(person.identity.hash, signal);
    return fingerprintOf(
      { username: person.username, keys: [own.identity, own.boxing] },
      { username, keys: [keys.identity, keys.boxing] },
    );
  }

  async #keysOf(username: string, signal?: AbortSignal): Promise<PresentKeys> {
    const identities = await this.#deps.identitiesOf(username, signal);
    const identity = identities.at(-1)!;
    const keys = await this.#publishedKeys(identity, signal);
    return { ...keys, formerIdentities: identities.slice(0, -1) };
  }

  /** The keys an identity shows in its state, which it signed. @throws FollowRefused */
  async #publishedKeys(identity: KeyHash, signal?: AbortSignal): Promise<FriendKeys> {
    const snapshot = new Snapshot(this.#deps.driveDeps, identity);
    const { data } = await snapshot.state(identity, signal);
    const boxing = data?.inbound;
    if (boxing === undefined) {
      throw new FollowRefused('This account takes no requests, so it has no safety number.');
    }
    return { identity, boxing };
  }

  #noted(username: string, signal?: AbortSignal): Promise<FriendAnnotation | undefined> {
    return this.#deps.drive.look(async (change, home) => {
      const item = (await readAnnotations(change, home)).get(username);
      return item === undefined ? undefined : annotationFromCbor(item);
    }, signal);
  }

  #note(annotation: FriendAnnotation, signal?: AbortSignal): Promise<void> {
    return this.#deps.drive.change(async (change, home) => {
      const items = new Map(await readAnnotations(change, home));
      items.set(annotation.username, annotationToCbor(annotation));
      await writeSmall(change, home, ANNOTATIONS, annotationsToBytes(items));
    }, signal);
  }
}

async function readAnnotations(change: Change, home: Handle): Promise<Annotations> {
  const bytes = await readRecord(change, home, ANNOTATIONS);
  return bytes === undefined ? new Map() : annotationsFromBytes(bytes);
}

function isSame(a: FriendKeys, b: FriendKeys): boolean {
  return a.identity.equals(b.identity) && a.boxing.equals(b.boxing);
}
