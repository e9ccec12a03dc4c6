/**
 * Names that are registered elsewhere: what a mirror of the registry knows (B-2 §9). An
 * implementation has verified the chains; they are believed here.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';

export interface NameDirectory {
  /** The name of an identity, also of a former one; `undefined`: unknown. */
  usernameOf(owner: KeyHash): Promise<string | undefined>;
  /** The chain of a name, oldest link first; `undefined`: unknown. */
  chainOf(name: string): Promise<readonly UserPublicKeyLink[] | undefined>;
  /** Every name. */
  usernames?(): Promise<readonly string[]>;
}

/** Knows nobody: then only accounts that are here, or have moved away from here, are known. */
export const EMPTY_DIRECTORY: NameDirectory = {
  usernameOf: async () => undefined,
  chainOf: async () => undefined,
};
