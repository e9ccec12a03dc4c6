/** Who is who, kept up to date: asked at sign-in, when the window gets the focus, and now and then. */
import type { Client, PeopleState } from '#lib/client/index.ts';

const EVERY_MS = 3 * 60_000;
/** Coming back to a window twice in a row asks once. */
const LEAST_PAUSE_MS = 10_000;

const NOBODY: PeopleState = {
  friends: [],
  followers: [],
  following: [],
  pendingOutgoing: [],
  pendingIncoming: [],
  blocked: [],
};

export class PeopleList {
  current = $state.raw<PeopleState>(NOBODY);
  /** Until the first answer there is nothing to show. */
  isKnown = $state(false);
  /** Whom we follow, who do not let us any more; as far as that was asked. */
  gone = $state.raw<ReadonlySet<string>>(new Set());
  failure = $state.raw<unknown>(undefined);
  readonly #client: Client;
  #timer: ReturnType<typeof setInterval> | undefined;
  #askedMs = -Infinity;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to ask; for somebody who has just signed in. */
  start(): void {
    this.stop();
    void this.read();
    this.#timer = setInterval(() => void this.read(), EVERY_MS);
  }

  /** Forgets everything. */
  stop(): void {
    clearInterval(this.#timer);
    this.current = NOBODY;
    this.isKnown = false;
    this.gone = new Set();
    this.failure = undefined;
  }

  hear(people: PeopleState): void {
    this.current = people;
    this.isKnown = true;
    this.failure = undefined;
  }

  /** Asks again, unless it was asked a moment ago. */
  glance(): void {
    if (this.#timer !== undefined && performance.now() - this.#askedMs > LEAST_PAUSE_MS) {
      void this.read();
    }
  }

  /** Asks who does not let us follow any more: everybody is looked at, so only a screen that says it asks. */
  async readGone(): Promise<void> {
    const names = await this.#client.peopleGone().catch(() => undefined);
    if (names !== undefined) this.gone = new Set(names);
  }

  /** Somebody's files could not be opened for that reason. */
  noteGone(name: string): void {
    this.gone = new Set([...this.gone, name]);
  }

  async read(): Promise<void> {
    this.#askedMs = performance.now();
    try {
      this.hear(await this.#client.people());
    } catch (error) {
      if (!this.isKnown) this.failure = error;
    }
  }
}
