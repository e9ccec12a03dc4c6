/**
 * Names of identities as this client has met them, since some calls name the user by one and some
 * by the other. Nothing is trusted for it: a wrong name only makes the node refuse.
 */
import { LruMap } from '#lib/collections/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';

const MAX_NAMES = 1_000;

export class UsernameCache {
  readonly #names = new LruMap<string, string>(MAX_NAMES);

  note(identity: KeyHash, name: string): void {
    this.#names.set(identity.toString(), name);
  }

  nameOf(identity: KeyHash): string | undefined {
    return this.#names.get(identity.toString());
  }
}
