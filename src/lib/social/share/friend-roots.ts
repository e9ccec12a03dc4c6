/** The trees of those we follow, as roots of the drive. */
import type { SocialDeps } from '../person.ts';
import type { People } from '../follow/people.ts';
import { FriendRoot } from './friend-root.ts';
import { Incoming } from './incoming.ts';

export class FriendRoots {
  readonly #deps: SocialDeps;
  readonly incoming: Incoming;
  #names = new Set<string>();

  constructor(deps: SocialDeps) {
    this.#deps = deps;
    this.incoming = new Incoming(deps);
  }

  /** Adds the trees of those we follow now, and takes away those we do not follow any more. */
  mount({ entries, following }: Pick<People, 'entries' | 'following'>): void {
    const { roots } = this.#deps.drive;
    for (const name of this.#names) roots.remove(name);
    this.#names = new Set(following);
    for (const entry of entries) {
      if (this.#names.has(entry.username)) {
        roots.remove(entry.username);
        roots.add(new FriendRoot(this.#deps, entry, this.incoming));
      }
    }
  }
}
