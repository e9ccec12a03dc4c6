/**
 * Following (C-1): requests, answers, who is who. What changes in the own tree is one commit each;
 * a request that was not sent leaves no trace, and an answer that was read is acted on before it is
 * removed from the inbox, so that one that is cut short is acted on again.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import type { EntryPoint } from '#lib/cryptree/index.ts';
import { namedOnly, placeKey, removeIn, type Change, type Handle } from '#lib/drive/index.ts';
import { FollowRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { forgetProcessed } from '../share/incoming.ts';
import { openPath } from '../tree.ts';
import { givesAccess, noEntry, type FollowRequest } from './follow-request.ts';
import { isThere, verifyEntry } from './friend-entry.ts';
import { admit, isMember, readGroups } from './groups.ts';
import { receiveRequests, removeRequest, sendRequest, type Received } from './inbox.ts';
import { groupsOf } from './own-groups.ts';
import { removeFollower } from './remove-follower.ts';
import { SHARED_FOLDER, type GroupName, type Groups } from './people-records.ts';
import {
  addEntry,
  folderFor,
  hasFolder,
  noteBlocked,
  notePending,
  readEntries,
  readPeople,
  type People,
} from './people.ts';

/** How a request is answered. */
export type Answer =
  /** They may follow us and we follow them. */
  | 'follow-back'
  /** They may follow us. */
  | 'allow'
  | 'deny';

/** Everything about people that screens show. */
export interface SocialState extends Omit<People, 'entries' | 'folders'> {
  /** Names of those who asked to follow us. */
  readonly pendingIncoming: readonly string[];
}

export class Follow {
  readonly #deps: SocialDeps;
  /** One act at a time: two that answer the same inbox would do it twice. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  people(signal?: AbortSignal): Promise<People> {
    return this.#deps.drive.look(readPeople, signal);
  }

  /** Folder names of the groups there are. */
  groups(signal?: AbortSignal): Promise<Groups> {
    return this.#deps.drive.look(readGroups, signal);
  }

  /** Asks to follow somebody, and offers to be followed. @throws FollowRefused, InboxFull, UnknownUser */
  request(username: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#request(username, signal));
  }

  async #request(username: string, signal?: AbortSignal): Promise<void> {
    const { learnIdentities, saveIdentities, person, random } = this.#deps;
    if (username === person.username) throw new FollowRefused('You cannot follow yourself.');
    const people = await this.people(signal);
    if (people.blocked.includes(username)) {
      throw new FollowRefused(`You blocked “${username}”. Unblock them first.`);
    }
    if (people.following.includes(username) && (await this.#isLetIn(people, username, signal))) {
      throw new FollowRefused(`You follow “${username}” already.`);
    }
    // Nothing is made for somebody who is not there, and the request goes to his present identity.
    await learnIdentities(username, signal);
    const entry = await this.#deps.drive.change(async (change, home) => {
      await saveIdentities(change, home);
      // While an answer is awaited, only the group tells a follower from somebody who was asked.
      if (people.followers.includes(username)) await groupsOf(change, home);
      const made = await folderFor(change, home, username);
      await notePending(change, home, username, true);
      return made;
    }, signal);
    try {
      const key = SymmetricKey.random(random);
      await sendRequest(this.#deps, username, { entry, key }, signal);
    } catch (error) {
      // Who followed us before still does, by the folder that was there.
      const isNew =
        !people.followers.includes(username) && !people.pendingOutgoing.includes(username);
      await this.#deps.drive.change((change, home) => forget(change, home, username, isNew));
      throw error;
    }
  }

  /** Those we follow who do not let us any more; one who cannot be asked now counts as letting us. */
  async gone(signal?: AbortSignal): Promise<readonly string[]> {
    const people = await this.people(signal);
    const isLetIn = await Promise.all(
      people.following.map((name) =>
        this.#isLetIn(people, name, signal).catch((error: unknown) => {
          namedOnly(error, signal);
          return true;
        }),
      ),
    );
    return people.following.filter((_, i) => isLetIn[i] === false);
  }

  /** Whether somebody we follow still lets us: who removed us can be asked again. */
  async #isLetIn({ entries }: People, username: string, signal?: AbortSignal): Promise<boolean> {
    const entry = entries.findLast((one) => one.username === username);
    return entry !== undefined && isThere(this.#deps, entry, signal);
  }

  /** What screens show; answers that came are acted on first. */
  state(signal?: AbortSignal): Promise<SocialState> {
    return this.#inTurn(() => this.#state(signal));
  }

  async #state(signal?: AbortSignal): Promise<SocialState> {
    const received = await receiveRequests(this.#deps);
    let people = await this.people(signal);
    const replies = received.filter(({ request }) =>
      people.pendingOutgoing.includes(request.entry.username),
    );
    for (const reply of replies) {
      try {
        await this.#settle(reply, signal);
      } catch (error) {
        // It stays, and is tried again the next time.
        signal?.throwIfAborted();
        if (!(error instanceof PyrgosError)) throw error;
      }
    }
    if (replies.length > 0) people = await this.people(signal);
    const initial = received.filter((one) => !replies.includes(one));
    const { entries: _entries, folders, ...shown } = people;
    const isShown = (name: string): boolean =>
      name !== this.#deps.person.username &&
      (!folders.includes(name) || people.pendingOutgoing.includes(name)) &&
      !people.blocked.includes(name);
    const names = initial.map(({ request }) => request.entry.username).filter(isShown);
    return { ...shown, pendingIncoming: [...new Set(names)] };
  }

  /** Answers somebody who asked. @throws FollowRefused if he did not */
  answer(username: string, answer: Answer, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#answer(username, answer, signal));
  }

  async #answer(username: string, answer: Answer, signal?: AbortSignal): Promise<void> {
    const received = await receiveRequests(this.#deps);
    const asked = received.filter(({ request }) => request.entry.username === username);
    const last = asked.at(-1);
    if (last === undefined) throw new FollowRefused(`“${username}” did not ask to follow you.`);
    const { request } = last;
    if (answer !== 'deny') await this.#deps.learnIdentities(username, signal);
    if (givesAccess(request)) {
      await verifyEntry(this.#deps, username, request.entry.capability, signal);
    }
    if (answer === 'deny') {
      await sendRequest(
        this.#deps,
        username,
        { entry: noEntry(this.#deps.person.username), key: undefined },
        signal,
      );
    } else {
      const reply = await this.#deps.drive.change(
        (change, home) => this.#accept(change, home, username, request, answer),
        signal,
      );
      await sendRequest(this.#deps, username, reply, signal);
    }
    for (const one of asked) await removeRequest(this.#deps, one);
  }

  /** What accepting does in the own tree, and what is to be sent. */
  async #accept(
    change: Change,
    home: Handle,
    username: string,
    request: FollowRequest,
    answer: 'allow' | 'follow-back',
  ): Promise<FollowRequest> {
    const followsBack = answer === 'follow-back' && givesAccess(request);
    await this.#deps.saveIdentities(change, home);
    const entry = await folderFor(change, home, username, request.key);
    if (followsBack) await beginToFollow(change, home, request.entry);
    await this.#admit(
      change,
      home,
      username,
      followsBack ? ['followers', 'friends'] : ['followers'],
    );
    await notePending(change, home, username, false);
    return { entry, key: followsBack ? request.entry.capability.readKey : undefined };
  }

  /** Does what an answer that came asks for (C-1 §1.6). */
  async #settle({ request, bytes }: Received, signal?: AbortSignal): Promise<void> {
    const { username } = request.entry;
    const follows = givesAccess(request);
    const isFollowed = request.key !== undefined;
    if (follows) await verifyEntry(this.#deps, username, request.entry.capability, signal);
    await this.#deps.drive.change(async (change, home) => {
      if (follows) await beginToFollow(change, home, request.entry);
      if (isFollowed) {
        const groups: GroupName[] = follows ? ['followers', 'friends'] : ['followers'];
        await this.#admit(change, home, username, groups);
      }
      // A follower reads by the folder that was there before we asked.
      const keepsFolder = isFollowed || (await isMember(change, home, 'followers', username));
      await forget(change, home, username, !keepsFolder);
    }, signal);
    await removeRequest(this.#deps, { bytes });
  }

  /** Lets somebody into groups; those that are not there yet are made when they are first needed. */
  async #admit(
    change: Change,
    home: Handle,
    username: string,
    names: readonly GroupName[],
  ): Promise<void> {
    const groups = await readGroups(change, home);
    for (const name of names) {
      const folder = groups.get(name);
      if (folder !== undefined) await admit(change, home, folder, username);
    }
  }

  /** Ends that somebody follows us, and takes back all that was shared with them (C-1 §1.9). */
  removeFollower(username: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() =>
      this.#deps.drive.change(
        (change, home) => removeFollower(change, this.#deps, home, username),
        signal,
      ),
    );
  }

  /** Stops following somebody, and hears of them no more. */
  block(username: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() =>
      this.#deps.drive.change((change, home) => noteBlocked(change, home, username, true), signal),
    );
  }

  unblock(username: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() =>
      this.#deps.drive.change((change, home) => noteBlocked(change, home, username, false), signal),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Who removed us and lets us follow again shares by a new folder, of whose logs we read nothing yet. */
async function beginToFollow(change: Change, home: Handle, entry: EntryPoint): Promise<void> {
  const entries = await readEntries(change, home);
  const known = entries.findLast(({ username }) => username === entry.username);
  await addEntry(change, home, entry);
  if (known === undefined || placeKey(known.capability) === placeKey(entry.capability)) return;
  await forgetProcessed(change, home, entry.username);
}

/** Nothing is awaited from somebody any more; with his folder, nothing is left of a request. */
async function forget(
  change: Change,
  home: Handle,
  username: string,
  withFolder: boolean,
): Promise<void> {
  await notePending(change, home, username, false);
  if (!withFolder || !(await hasFolder(change, home, username))) return;
  const shared = await openPath(change, home, [SHARED_FOLDER]);
  if (shared !== undefined) await removeIn(change, shared, username);
}
