/** Who acts, and what the room needs from outside. */
import type { Random } from '#lib/bytes/index.ts';
import type { BoxingKeyPair, KeyHash, SigningKeyPair } from '#lib/crypto/index.ts';
import type { Drive, DriveDeps } from '#lib/drive/index.ts';
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
}
