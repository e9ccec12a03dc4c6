/** The page about somebody: what they let us see of them, and of their files. */
import type { Entry, PersonProfile, VerificationState } from '#lib/client/index.ts';
import type { AppState } from '../../app/app-state.svelte.ts';
import { isAbort, nameOf } from '../../app/describe-error.ts';
import { compareNames } from '../../text/natural-order.ts';
import type { Avatars } from '../avatars.svelte.ts';

/** Of what somebody shares; the others are in the drive. */
const MOST_ENTRIES = 8;

export class PersonState {
  profile = $state.raw<PersonProfile>();
  /** What lies at the top of what they share; undefined until it is known. */
  entries = $state.raw<readonly Entry[]>();
  verification = $state.raw<VerificationState>();
  failure = $state.raw<unknown>();
  readonly name: string;
  readonly #app: AppState;
  readonly #avatars: Avatars;
  readonly #stop = new AbortController();

  constructor(app: AppState, avatars: Avatars, name: string) {
    this.#app = app;
    this.#avatars = avatars;
    this.name = name;
  }

  /** Of somebody we do not follow there is nothing to read. */
  async read(isFollowed: boolean): Promise<void> {
    const { client } = this.#app;
    this.failure = undefined;
    void this.readVerification();
    try {
      this.profile = await client.profileOf(this.name, this.#stop.signal);
      void this.#avatars.refresh(this.name);
      if (isFollowed) this.entries = await this.#readEntries();
    } catch (error) {
      if (isAbort(error)) return;
      if (nameOf(error) === 'FriendGone') this.#app.people.noteGone(this.name);
      else this.failure = error;
    }
  }

  /** No mark until it is known. */
  async readVerification(): Promise<void> {
    const found = await this.#app.client.verifiedPeople(this.#stop.signal).catch(() => undefined);
    if (found === undefined) return;
    const mine = found.find(({ username }) => username === this.name);
    this.verification = mine?.state ?? { kind: 'not-verified' };
  }

  stop(): void {
    this.#stop.abort();
  }

  async #readEntries(): Promise<Entry[]> {
    const { client } = this.#app;
    const { signal } = this.#stop;
    const folder = await client.openFolder([this.name], signal);
    const found: Entry[] = [];
    await client.list(folder.entry.id, (rows) => found.push(...rows), signal);
    return found
      .filter(({ hidden }) => !hidden)
      .sort((a, b) => compareNames(a.name, b.name))
      .slice(0, MOST_ENTRIES);
  }
}
