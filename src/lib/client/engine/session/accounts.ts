/**
 * Who is signed in: signing up, in and out, staying signed in, several accounts in one browser.
 * At most one session is open per engine; opening another ends the one before.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import {
  accountKey,
  knownStateOf,
  resumeSession,
  signIn,
  SignInAgain,
  signUp,
  UserDeleted,
  type AccountChange,
  type AccountDeps,
  type AccountName,
  type Credentials,
  type NewAccount,
  type SavedLogins,
  type Session,
} from '#lib/account/index.ts';
import { CannotDecrypt } from '#lib/crypto/index.ts';
import { isValidUsername, UnknownUser } from '#lib/protocol/index.ts';
import type { ServerReport, SessionState } from '../../types.ts';
import type { Events } from '../events.ts';
import { serverOrigin, type NodePlace, type NodePlaces } from './node-directory.ts';
import type { OpenSession } from './open-session.ts';
import type { Tabs } from './tabs.ts';
import { leaveBehind, unsentAt } from './pending-on-sign-out.ts';
import { ChangesWaiting } from './pending-changes.ts';

/** Something was asked that needs an account, and nobody is signed in. */
export class NotSignedIn extends PyrgosError {
  override readonly name = 'NotSignedIn';
  override readonly kind = 'refused';
  constructor() {
    super('Please sign in first.');
  }
}

export interface AccountsDeps {
  readonly places: NodePlaces;
  readonly clock: () => number;
  readonly savedLogins: SavedLogins;
  readonly events: Events;
  readonly tabs: Tabs;
  readonly random: Random;
  readonly open: (session: Session, place: NodePlace) => OpenSession;
  /** The cost of new passwords; today's unless a test says otherwise. */
  readonly newAlgorithm?: (() => NonNullable<NewAccount['algorithm']>) | undefined;
}

interface SignInOptions extends AccountName {
  readonly password: string;
  readonly staySignedIn: boolean;
}

interface Confirmed extends SignInOptions {
  /** A change of the account that the person agrees to. */
  readonly accepts?: AccountChange;
}

interface SignUpOptions extends SignInOptions {
  /** What the administrator of a server hands out. */
  readonly token?: string;
}

export class Accounts {
  readonly #deps: AccountsDeps;
  #current: OpenSession | undefined;

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
  }

  /** Throws NotSignedIn. */
  get current(): OpenSession {
    if (this.#current === undefined) throw new NotSignedIn();
    return this.#current;
  }

  /** The session if one is open. */
  get open(): OpenSession | undefined {
    return this.#current;
  }

  async state(): Promise<SessionState> {
    const current = this.#current;
    if (current !== undefined) return { kind: 'signed-in', ...current.account };
    return { kind: 'signed-out', accounts: await this.#deps.savedLogins.list() };
  }

  async checkUsername(
    name: string,
    server: string | undefined,
  ): Promise<{ ok: boolean; reason?: string }> {
    if (!isValidUsername(name)) {
      const reason = 'Use 1 to 32 lowercase letters, digits and single hyphens between them.';
      return { ok: false, reason };
    }
    const { node } = await this.openRoute(server);
    const owner = await node.names.publicKey(name);
    return owner === undefined ? { ok: true } : { ok: false, reason: 'This name is taken.' };
  }

  /** Asks a server whether it is one. Throws `BadServerAddress`, `NodeUnreachable`. */
  async checkServer(typed: string): Promise<ServerReport> {
    const server = serverOrigin(typed);
    const { node } = await this.openRoute(server);
    await node.blocks.nodeIds();
    const { free } = await node.admin.openSignUps();
    return { server, takesSignUps: free };
  }

  async signUp(options: SignUpOptions, signal?: AbortSignal): Promise<void> {
    const algorithm = this.#deps.newAlgorithm?.();
    const { username, password, server, token } = options;
    const request = {
      username,
      password,
      ...(algorithm === undefined ? {} : { algorithm }),
      ...(token === undefined ? {} : { token }),
    };
    const place = await this.openRoute(server);
    const session = await signUp(this.depsAt(place), request, signal);
    await this.#enter(session, place, options.staySignedIn);
    this.#rehearse(session, place);
  }

  /** `secondFactor` is asked where the password alone is not enough. */
  async signIn(
    options: Confirmed,
    secondFactor: NonNullable<Credentials['secondFactor']>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { username, password, server, staySignedIn, accepts } = options;
    const place = await this.openRoute(server);
    // Of a browser that keeps nothing nothing is known.
    const known = await this.#deps.savedLogins
      .known({ username, ...(place.server === undefined ? {} : { server: place.server }) })
      .catch(() => undefined);
    const credentials = { username, password, secondFactor, known, accepts };
    const session = await signIn(this.depsAt(place), credentials, signal);
    await this.#enter(session, place, staySignedIn);
  }

  /** Opens the account that stays signed in (the most recent one, or the one named). */
  async resume(wanted?: AccountName): Promise<boolean> {
    const { savedLogins } = this.#deps;
    const accounts = await savedLogins.list();
    const chosen = accounts.find(
      (one) =>
        one.staysSignedIn && (wanted === undefined || accountKey(one) === accountKey(wanted)),
    );
    const kept = chosen && (await savedLogins.load(chosen));
    if (chosen === undefined || kept === undefined) return false;
    try {
      const place = await this.openRoute(chosen.server);
      await this.#enter(await resumeSession(this.depsAt(place), kept), place, true);
      return true;
    } catch (error) {
      if (!isOutdated(error)) throw error;
      await savedLogins.drop(chosen);
      await this.#tellState();
      return false;
    }
  }

  /** How many changes a sign-out would lose, after what can be sent was sent. */
  async unsentChanges(account?: AccountName): Promise<number> {
    const current = this.#current;
    const chosen = account ?? current?.account;
    if (chosen === undefined) return 0;
    const isCurrent = current !== undefined && accountKey(current.account) === accountKey(chosen);
    // Only who is signed in can put together what was changed elsewhere, too.
    if (isCurrent) await current.waiting?.flush().catch(() => undefined);
    const place = isCurrent ? current.place : await this.openRoute(chosen.server);
    return unsentAt(place, chosen.username);
  }

  /**
   * Deletes what would let anybody in without the password, and ends every tab's session. Throws
   * `ChangesWaiting` if changes wait for the server that are not to be lost.
   */
  async signOut({ losesChanges = false } = {}): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    if (!losesChanges && (await this.unsentChanges()) > 0) throw new ChangesWaiting();
    current.waiting?.close();
    await leaveBehind(current.place, current.username, true);
    await this.#deps.savedLogins.drop(current.account);
    this.#deps.tabs.tell({ kind: 'signed-out', account: accountKey(current.account) });
    await this.#leave();
  }

  /** Another tab signed out. */
  async signedOutElsewhere(account: string): Promise<void> {
    const current = this.#current;
    if (current !== undefined && accountKey(current.account) === account) await this.#leave();
    else await this.#tellState();
  }

  /** Throws as {@link Accounts.signOut} does. */
  async forget(account: AccountName, { losesChanges = false } = {}): Promise<void> {
    const current = this.#current;
    if (current !== undefined && accountKey(current.account) === accountKey(account)) {
      await this.signOut({ losesChanges });
    }
    await leaveBehind(await this.openRoute(account.server), account.username, losesChanges);
    const { savedLogins, tabs } = this.#deps;
    await savedLogins.forget(account);
    tabs.tell({ kind: 'signed-out', account: accountKey(account) });
    await this.#forgetServer(account.server);
    await this.#tellState();
  }

  /** Nothing of a server is kept once the last account there is forgotten. */
  async #forgetServer(server: string | undefined): Promise<void> {
    const known = await this.#deps.savedLogins.list();
    if (server === undefined || known.some((one) => one.server === server)) return;
    await (await this.openRoute(server)).forget?.();
  }

  /** Notes an account that came to this browser another way. */
  async note(account: AccountName): Promise<void> {
    await this.#deps.savedLogins.note(account);
    await this.#tellState();
  }

  /** Who stays signed in does so with what the session is opened with now. */
  async keepAgain({ account, session, place }: OpenSession): Promise<void> {
    const { savedLogins } = this.#deps;
    const isKept = (await savedLogins.load(account)) !== undefined;
    await savedLogins.remember(account, knownStateOf(session));
    if (isKept) await savedLogins.keep(session, place.server);
  }

  /** The person's session goes on as another one, perhaps elsewhere. */
  async goOn(session: Session, place: NodePlace): Promise<void> {
    const { savedLogins } = this.#deps;
    const { account } = this.current;
    const staysSignedIn = (await savedLogins.load(account)) !== undefined;
    await savedLogins.drop(account);
    await this.#enter(session, place, staysSignedIn);
    this.#rehearse(session, place);
  }

  /** The keys that other tabs hold are of no use any more. */
  endElsewhere({ account }: OpenSession): void {
    this.#deps.tabs.tell({ kind: 'signed-out', account: accountKey(account) });
  }

  openRoute(server: string | undefined): Promise<NodePlace> {
    const { places, events } = this.#deps;
    return places.open(server, (changed, isOnline) => {
      if (this.#current?.place.server !== changed) return;
      events.emit({ kind: 'connection', isOnline });
      if (isOnline) this.#current.waiting?.soon(0);
    });
  }

  /** What concerns the account itself never waits. */
  depsAt({ node, queue, pointerMemory }: NodePlace): AccountDeps {
    const { random, clock } = this.#deps;
    return { node: queue?.node.through ?? node, random, clock, pointerMemory };
  }

  /** Reads at a server what the next visit will need, so that it is kept should that be away then. */
  #rehearse(session: Session, place: NodePlace): void {
    if (place.server === undefined) return;
    resumeSession(this.depsAt(place), session).catch(() => undefined);
  }

  /** Tells the screens who is signed in, or which accounts are known. */
  async #tellState(): Promise<void> {
    this.#deps.events.emit({ kind: 'session', state: await this.state() });
  }

  async #enter(session: Session, place: NodePlace, staySignedIn: boolean): Promise<void> {
    const { savedLogins, tabs } = this.#deps;
    this.#current?.close();
    const opened = this.#deps.open(session, place);
    this.#current = opened;
    const { account } = opened;
    if (!staySignedIn) await savedLogins.drop(account);
    // A browser that cannot keep a login (no storage for keys) still lets its person in.
    await (
      staySignedIn ? savedLogins.keep(session, place.server) : savedLogins.note(account)
    ).catch(() => undefined);
    await savedLogins.remember(account, knownStateOf(session)).catch(() => undefined);
    tabs.tell({ kind: 'accounts-changed' });
    // It may have gone while nobody was in.
    this.#deps.events.emit({ kind: 'connection', isOnline: place.isOnline() });
    await this.#tellState();
    // The screens are up already; what fails here is tried again at the next sign-in.
    opened.settle().catch(() => undefined);
  }

  async #leave(): Promise<void> {
    this.#current?.close();
    this.#current = undefined;
    await this.#tellState();
  }
}

/** What was kept is of no use any more: another password, another account, or none. */
function isOutdated(error: unknown): boolean {
  return (
    error instanceof SignInAgain ||
    error instanceof CannotDecrypt ||
    error instanceof UserDeleted ||
    error instanceof UnknownUser
  );
}
