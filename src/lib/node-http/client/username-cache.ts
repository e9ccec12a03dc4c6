/**
 * Names of identities as this client has met them, since some calls name the user by one and some
 * by the other. Nothing is trusted for it: a wrong name only makes the node refuse.
 */
import type { KeyHash } from '#lib/crypto/index.ts';

const MAX_NAMES = 1_000;

export class UsernameCache {
  readonly #names = new Map<string, string>();

  note(identity: KeyHash, name: string): void {
    this.#names.set(identity.toString(), name);
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= MAX_NAMES) return;
      this.#names.delete(oldest);
    }
  }

  nameOf(identity: KeyHash): string | undefined {
    return this.#names.get(identity.toString());
  }
}
