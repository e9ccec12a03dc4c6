/** Who acts, and what the room needs from outside. */
import type { TrustStore } from '#lib/account/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { BoxingKeyPair, KeyHash, SigningKeyPair } from '#lib/crypto/index.ts';
import type { Change, Drive, DriveDeps, Handle } from '#lib/drive/index.ts';
import type { StorageNode } from '#lib/node/index.ts';

/** The account that is signed in. */
export interface Person {
  readonly username: string;
  readonly identity: SigningKeyPair;
  /** Absent for an account of the oldest kind that has none: nobody can write to it. */
  readonly boxing: BoxingKeyPair | undefined;
}

export interface SocialDeps {
  readonly drive: Drive;
  /** What the drive works with. */
  readonly driveDeps: DriveDeps;
  readonly node: StorageNode;
  readonly person: Person;
  readonly random: Random;
  readonly clock: () => number;
  /** The identity a name stands for, trusted on first use (B-2 §10). */
  readonly identityOf: (username: string, signal?: AbortSignal) => Promise<KeyHash>;
  /**
   * All identities a name has stood for, the present one last, each signed by the one before. The
   * node is asked again.
   */
  readonly identitiesOf: (username: string, signal?: AbortSignal) => Promise<readonly KeyHash[]>;
  /** As `identitiesOf`; what is learnt is stored by `saveIdentities`, not by a commit of its own. */
  readonly learnIdentities: SocialDeps['identitiesOf'];
  readonly saveIdentities: (change: Change, home: Handle) => Promise<void>;
}

/** What the room needs to know of identities, from the list of people an account has met. */
export function identitiesFrom(
  trust: TrustStore,
): Pick<SocialDeps, 'identityOf' | 'identitiesOf' | 'learnIdentities' | 'saveIdentities'> {
  return {
    identityOf: (username, signal) => trust.identityOf(username, signal),
    identitiesOf: (username, signal) => trust.identitiesOf(username, signal),
    learnIdentities: (username, signal) => trust.learn(username, signal),
    saveIdentities: (change, home) => trust.save(change, home),
  };
}
