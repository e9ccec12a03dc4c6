/** What can be done about each person of the Friends page, and the question on screen before it. */
import type { AppState } from '../app/app-state.svelte.ts';
import { m } from '../text/messages.ts';
import type { PersonAct } from './person-act.ts';

type Act = (name: string) => PersonAct;

export class FriendsActions {
  /** What is asked before it is done. */
  asking = $state.raw<{ readonly kind: 'block' | 'remove'; readonly name: string }>();
  /** Whose keys are being verified. */
  verifying = $state<string>();
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  readonly ofRequest = (name: string): PersonAct[] => {
    const answer = (how: 'follow-back' | 'allow' | 'deny') => () =>
      this.#attempt(() => this.#app.client.answerRequest(name, how));
    return [
      { label: m.people_allow_back(), look: 'primary', run: answer('follow-back') },
      { label: m.people_allow(), run: answer('allow') },
      { label: m.people_deny(), look: 'quiet', run: answer('deny') },
    ];
  };

  readonly ofFriend = (name: string): PersonAct[] => [
    this.#openOrAsk(name),
    this.#verify(name),
    this.#block(name),
  ];

  readonly ofFollowed = (name: string): PersonAct[] => [this.#openOrAsk(name), this.#block(name)];

  readonly ofFollower = (name: string): PersonAct[] => [
    this.#ask(name, m.people_follow()),
    this.#remove(name, m.people_remove()),
  ];

  readonly ofPending = (name: string): PersonAct[] => [this.#ask(name, m.people_ask_again())];

  readonly ofBlocked = (name: string): PersonAct[] => [
    {
      label: m.people_unblock(),
      run: () => this.#attempt(() => this.#app.client.unblockPerson(name)),
    },
  ];

  /** All acts on somebody, by what they are to us. */
  of(name: string): PersonAct[] {
    const { friends, followers, following, pendingIncoming, pendingOutgoing, blocked } =
      this.#app.people.current;
    if (pendingIncoming.includes(name)) return this.ofRequest(name);
    if (blocked.includes(name)) return this.ofBlocked(name);
    if (friends.includes(name)) {
      return [
        this.#openOrAsk(name),
        this.#verify(name),
        this.#remove(name, m.person_remove_follower()),
        this.#block(name),
      ];
    }
    if (following.includes(name)) return this.ofFollowed(name);
    if (followers.includes(name)) return this.ofFollower(name);
    if (pendingOutgoing.includes(name)) return this.ofPending(name);
    return [this.#ask(name, m.people_ask())];
  }

  /** Does what was asked about. */
  confirm(): void {
    const { asking } = this;
    this.asking = undefined;
    if (asking === undefined) return;
    const { client } = this.#app;
    const { kind, name } = asking;
    void this.#attempt(() =>
      kind === 'block' ? client.blockPerson(name) : client.removeFollower(name),
    );
  }

  /** Who lets us follow no more has nothing to open. */
  readonly #openOrAsk: Act = (name) =>
    this.#app.people.gone.has(name)
      ? { look: 'primary', ...this.#ask(name, m.people_ask_again()) }
      : this.#open(name);

  readonly #open: Act = (name) => ({
    label: m.people_open(),
    run: () => this.#app.router.openFolder([name]),
  });

  readonly #verify: Act = (name) => ({
    label: m.verify_do(),
    run: () => void (this.verifying = name),
  });

  readonly #block: Act = (name) => ({
    label: m.people_block(),
    look: 'quiet',
    run: () => void (this.asking = { kind: 'block', name }),
  });

  #remove(name: string, label: string): PersonAct {
    return { label, look: 'quiet', run: () => void (this.asking = { kind: 'remove', name }) };
  }

  #ask(name: string, label: string): PersonAct {
    const run = async (): Promise<void> => {
      const isSent = await this.#app.attempt(() => this.#app.client.requestFollow(name));
      if (isSent) this.#app.toasts.done(m.people_asked({ name }));
    };
    return { label, run };
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    await this.#app.attempt(act);
  }
}
