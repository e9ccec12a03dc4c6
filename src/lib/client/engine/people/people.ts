/**
 * People, as the screens ask for them: who follows whom, requests, and what is shared. Friends'
 * trees are mounted when their names are first needed, and again when who is who changes.
 */
import {
  Follow,
  FriendRoots,
  comeBack,
  leave,
  meet,
  NameIndex,
  ownCode,
  shareRecords,
  Sharing,
  Verification,
  type Acquaintance,
  type Answer,
  type Given,
  type Meeting,
  type Right,
  type SocialDeps,
  type SocialState,
} from '#lib/social/index.ts';
import { PathNotFound, reseal, type LeftOut } from '#lib/drive/index.ts';
import { IdentityChanged } from '#lib/account/index.ts';
import { describeError } from '#lib/rpc/index.ts';
import type {
  PeopleState,
  ResealProgress,
  ShareRecipient,
  TransferFailure,
  Undoable,
  VerificationState,
  VerifiedPerson,
} from '../../types.ts';
import type { Events, TellChange } from '../events.ts';
import type { Entries } from '../files/entries.ts';
import { listedOf, namesOf, type Group } from '../files/folders.ts';
import type { UndoLog } from '../undo.ts';
import { AccessLists } from './access-lists.ts';
import { Profiles } from './profiles.ts';
import { Publications } from './publications.ts';
import { SecretLinks } from './secret-links.ts';

const SUGGESTIONS = 8;
/** A list of names this old is asked for again; the node says in a few bytes that it is the same. */
const NAMES_KEPT_MS = 10 * 60_000;

export interface PeopleDeps {
  readonly social: SocialDeps;
  readonly entries: Entries;
  readonly events: Events;
  readonly changed: TellChange;
  readonly undo: UndoLog;
  /** Opens what lies at a path, with the roots it needs. */
  readonly find: (path: readonly string[], signal?: AbortSignal) => Promise<unknown>;
  /** The server the drive lives on, as accounts name it. */
  readonly server: string | undefined;
}

export class People {
  readonly verification: Verification;
  readonly access: AccessLists;
  readonly links: SecretLinks;
  readonly profiles: Profiles;
  readonly publications: Publications;
  readonly #deps: PeopleDeps;
  readonly #follow: Follow;
  readonly #sharing: Sharing;
  readonly #roots: FriendRoots;
  #mounted: Promise<void> | undefined;
  #names: { readonly index: Promise<NameIndex>; readonly askedMs: number } | undefined;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
    this.#follow = new Follow(deps.social);
    this.#sharing = new Sharing(deps.social);
    this.#roots = new FriendRoots(deps.social);
    deps.social.drive.records = shareRecords(deps.social);
    this.verification = new Verification(deps.social);
    this.access = new AccessLists({
      sharing: this.#sharing,
      username: deps.social.person.username,
      pathOf: (id) => this.#path(id),
      find: deps.find,
    });
    this.links = new SecretLinks({
      social: deps.social,
      server: deps.server,
      pathOf: (id) => this.#path(id),
      tellChanged: (path) => this.#tellChanged([path]),
    });
    this.profiles = new Profiles({
      social: deps.social,
      sharing: this.#sharing,
      mount: (root) => this.mount(root),
    });
    this.publications = new Publications({
      social: deps.social,
      server: deps.server,
      tellChanged: (path) => this.#tellChanged([path]),
    });
  }

  /** Makes a tree a root of the drive, if we follow whose it is or were handed something of it. */
  async mount(root: string): Promise<void> {
    const { roots } = this.#deps.social.drive;
    if (roots.has(root)) return;
    this.#mounted ??= this.#mount();
    // A failure is no state: the next one who asks tries again.
    this.#mounted.catch(() => (this.#mounted = undefined));
    await this.#mounted;
    if (!roots.has(root)) await this.handedOn();
  }

  /** Those we do not follow, of whom those we follow handed something on that opens now. */
  async handedOn(signal?: AbortSignal): Promise<Acquaintance[]> {
    return [...(await this.#roots.receive(await this.#follow.people(signal), signal))];
  }

  /** Who is who now; answers that came are acted on. */
  async state(signal?: AbortSignal): Promise<PeopleState> {
    return this.#tell(await this.#follow.state(signal));
  }

  /** Names that fit a text, looked up here: what is typed goes nowhere. */
  async find(text: string): Promise<string[]> {
    const { person } = this.#deps.social;
    const names = (await this.#listedNames()).find(text, SUGGESTIONS + 1);
    return names.filter((name) => name !== person.username).slice(0, SUGGESTIONS);
  }

  /** The list is fetched when somebody first types a name, and asked for again after a while. */
  #listedNames(): Promise<NameIndex> {
    const { node, clock } = this.#deps.social;
    const nowMs = clock();
    const before = this.#names;
    if (before !== undefined && nowMs - before.askedMs < NAMES_KEPT_MS) return before.index;
    const index = node.names.usernames().then(
      (names) => new NameIndex(names),
      (error: unknown) => {
        this.#names = before;
        if (before === undefined) throw error;
        return before.index;
      },
    );
    this.#names = { index, askedMs: nowMs };
    return index;
  }

  /** Those we follow who do not let us any more. */
  async gone(signal?: AbortSignal): Promise<string[]> {
    return [...(await this.#follow.gone(signal))];
  }

  async request(username: string, signal?: AbortSignal): Promise<void> {
    await this.#follow.request(username, signal);
    await this.state();
  }

  async answer(username: string, answer: Answer, signal?: AbortSignal): Promise<void> {
    await this.#follow.answer(username, answer, signal);
    await this.state();
  }

  /** The code that somebody scans from this screen. */
  ownCode(signal?: AbortSignal): Promise<string> {
    return ownCode(this.verification, signal);
  }

  /** Acts on a code that was scanned from somebody's screen. */
  async meet(username: string, code: string, signal?: AbortSignal): Promise<Meeting> {
    const meeting = await meet(this.#follow, this.verification, username, code, signal);
    await this.state();
    return meeting;
  }

  async block(username: string): Promise<void> {
    await this.#follow.block(username);
    await this.state();
  }

  async removeFollower(username: string): Promise<void> {
    await this.#follow.removeFollower(username);
    await this.state();
  }

  async unblock(username: string): Promise<void> {
    await this.#follow.unblock(username);
    await this.state();
  }

  async share(
    ids: readonly string[],
    recipients: readonly ShareRecipient[],
    right: Right,
    signal?: AbortSignal,
  ): Promise<void> {
    const paths = ids.map((id) => this.#path(id));
    await this.#sharing.share(paths, recipients, right, signal);
    this.#tellChanged(paths);
  }

  async unshare(
    id: string,
    recipients: readonly ShareRecipient[],
    right: Right,
    signal?: AbortSignal,
  ): Promise<TransferFailure[]> {
    const path = this.#path(id);
    const leftOut = await this.#sharing.unshare(path, recipients, right, signal);
    this.#tellChanged([path]);
    return failuresOf(leftOut);
  }

  /** Seals the contents of an entry anew where a revocation left them under former keys. */
  async reseal(
    id: string,
    onProgress: (progress: ResealProgress) => void,
    signal?: AbortSignal,
  ): Promise<TransferFailure[]> {
    const { drive, person } = this.#deps.social;
    const path = this.#path(id);
    if (path[0] !== person.username) throw new PathNotFound(path);
    const entry = await drive.resolve(path.slice(1), signal);
    const { leftOut } = await reseal(drive, entry, onProgress, signal);
    this.#tellChanged([path]);
    return failuresOf(leftOut);
  }

  /** Takes entries that others shared with us off what we see, until that is undone. */
  async leave(groups: readonly Group[], signal?: AbortSignal): Promise<Undoable> {
    const { social, entries, changed, undo } = this.#deps;
    const left: { path: readonly string[]; names: string[]; given: readonly Given[] }[] = [];
    for (const { parent, items } of groups) {
      const [path, names] = [entries.path(parent), namesOf(items)];
      const given = await leave(await entries.open(parent, signal), listedOf(items), signal);
      left.push({ path, names, given });
      entries.drop(items);
      changed(path, 'removed', names);
    }
    return {
      undo: undo.keep(async () => {
        for (const { path, names, given } of left) {
          await comeBack(social, given);
          changed(path, 'added', names);
        }
      }),
    };
  }

  /** Those who were verified, with what is true of them now; without whom it cannot be told of. */
  async verified(signal?: AbortSignal): Promise<VerifiedPerson[]> {
    const names = await this.verification.marked(signal);
    const found = await Promise.all(
      names.map(async (username) => ({ username, state: await this.#verified(username, signal) })),
    );
    return found.flatMap(({ username, state }) =>
      state === undefined ? [] : [{ username, state }],
    );
  }

  async #verified(username: string, signal?: AbortSignal): Promise<VerificationState | undefined> {
    try {
      return await this.verification.stateOf(username, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof IdentityChanged)) return undefined;
      return { kind: 'keys-changed', change: 'unexplained' };
    }
  }

  async #mount(): Promise<void> {
    this.#roots.mount(await this.#follow.people());
  }

  async #tell(state: SocialState): Promise<PeopleState> {
    this.#mounted = this.#mount();
    await this.#mounted;
    const people: PeopleState = { ...state };
    this.#deps.events.emit({ kind: 'people', people });
    return people;
  }

  #path(id: string): string[] {
    const { entries } = this.#deps;
    return entries.path(entries.item(id));
  }

  #tellChanged(paths: readonly (readonly string[])[]): void {
    for (const path of paths) {
      this.#deps.changed(path.slice(0, -1), 'unknown', [path.at(-1) ?? '']);
    }
  }
}

function failuresOf(leftOut: readonly LeftOut[]): TransferFailure[] {
  return leftOut.map(({ path, error }) => ({ path, error: describeError(error) }));
}
