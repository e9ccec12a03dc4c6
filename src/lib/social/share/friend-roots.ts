/**
 * The trees of those we follow, as roots of the drive; and of others, of which those we follow handed
 * something on to us.
 */
import { namedOnly } from '#lib/drive/index.ts';
import type { SocialDeps } from '../person.ts';
import type { People } from '../follow/people.ts';
import { AcquaintanceRoot, topOf } from './acquaintance-root.ts';
import { followHandedOn } from './follow-handed-on.ts';
import { FriendRoot } from './friend-root.ts';
import { Incoming } from './incoming.ts';
import { itemsBelow, readMirror } from './mirror-reading.ts';

/** Who shared items of one owner is told from this many of them. */
const ITEMS_MAX = 500;

/** Somebody we do not follow, and who of those we follow handed something of theirs on to us. */
export interface Acquaintance {
  readonly username: string;
  readonly sharers: readonly string[];
}

type Known = Pick<People, 'entries' | 'following' | 'blocked'>;

export class FriendRoots {
  readonly #deps: SocialDeps;
  readonly incoming: Incoming;
  #names = new Set<string>();
  #acquaintances = new Set<string>();

  constructor(deps: SocialDeps) {
    this.#deps = deps;
    this.incoming = new Incoming(deps);
  }

  /** Adds the trees of those we follow now, and takes away those we do not follow any more. */
  mount({ entries, following, blocked }: Known): void {
    const { roots } = this.#deps.drive;
    const gone = blocked.filter((name) => this.#acquaintances.has(name));
    for (const name of [...this.#names, ...gone]) roots.remove(name);
    this.#names = new Set(following);
    for (const entry of entries) {
      if (this.#names.has(entry.username)) {
        roots.remove(entry.username);
        roots.add(new FriendRoot(this.#deps, entry, this.incoming));
      }
    }
  }

  /**
   * Takes in what all we follow gave since the last time, and adds the trees of others of which they
   * handed something on. Answers those of whom something opens now.
   */
  async receive(people: Known, signal?: AbortSignal): Promise<readonly Acquaintance[]> {
    this.mount(people);
    await this.#poll(people, signal);
    const { roots } = this.#deps.drive;
    const found = await this.#acquaintancesIn(people, signal);
    for (const name of this.#acquaintances) if (!this.#names.has(name)) roots.remove(name);
    this.#acquaintances = new Set(found.map(({ username }) => username));
    const receive = (again?: AbortSignal): Promise<void> => this.#poll(people, again);
    for (const { username } of found) {
      await followHandedOn(this.#deps, username, signal);
      roots.add(new AcquaintanceRoot(this.#deps, username, receive));
    }
    return found;
  }

  /** One who cannot be reached, or is gone, gives nothing. */
  async #poll({ entries, following }: Known, signal?: AbortSignal): Promise<void> {
    const followed = entries.filter(({ username }) => following.includes(username));
    for (const entry of followed) {
      await this.incoming.poll(entry, signal).catch((error: unknown) => {
        namedOnly(error, signal);
      });
    }
  }

  async #acquaintancesIn(people: Known, signal?: AbortSignal): Promise<Acquaintance[]> {
    const { drive, person } = this.#deps;
    const { folders } = await readMirror(drive, [], signal);
    const [following, known] = [
      new Set(people.following),
      new Set([person.username, ...people.following, ...people.blocked]),
    ];
    const found: Acquaintance[] = [];
    for (const username of folders) {
      if (known.has(username)) continue;
      const sharers = await this.#sharersOf(username, following, signal);
      if (sharers.length === 0) continue;
      if ((await topOf(this.#deps, username, signal)) !== undefined) {
        found.push({ username, sharers });
      }
    }
    return found;
  }

  /** Who of those we follow gave us something of an owner. */
  async #sharersOf(
    owner: string,
    following: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const sharers = new Set<string>();
    let looked = 0;
    for await (const { item } of itemsBelow(this.#deps.drive, [owner], signal)) {
      if ((looked += 1) > ITEMS_MAX) break;
      for (const sharer of item.sharers) if (following.has(sharer)) sharers.add(sharer);
    }
    return [...sharers];
  }
}
