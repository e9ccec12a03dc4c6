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
import type { CopySeen } from '#lib/node-http/index.ts';
import type { ClientEvent, ServerReport, SessionState } from '../../types.ts';
import type { Events } from '../events.ts';
import type { DraftRecords } from '../frames/draft-records.ts';
import { serverOrigin, type AccountNode, type NodeDirectory } from './node-directory.ts';
import type { OpenSession } from './open-session.ts';
import type { Tabs } from './tabs.ts';
import { rememberedWitness } from './witness.ts';
import { discardPending, pendingAt } from './pending-on-sign-out.ts';
import { ChangesPending } from './pending-changes.ts';

/** The call needs an account, and nobody is signed in. */
export class NotSignedIn extends PyrgosError {
  override readonly name = 'NotSignedIn';
  override readonly kind = 'refused';
  constructor() {
    super('Please sign in first.');
  }
}

export interface AccountsDeps {
  readonly nodes: NodeDirectory;
  readonly clock: () => number;
  readonly savedLogins: SavedLogins;
  readonly draftRecords: DraftRecords;
  readonly events: Events;
  readonly tabs: Tabs;
  readonly random: Random;
  readonly open: (session: Session, accountNode: AccountNode) => OpenSession;
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
    const { node } = await this.openNode(server);
    const owner = await node.names.publicKey(name);
    return owner === undefined ? { ok: true } : { ok: false, reason: 'This name is taken.' };
  }

  /** Asks a server whether it is one. Throws `BadServerAddress`, `BadMultiaddr`, `NodeUnreachable`. */
  async checkServer(typed: string): Promise<ServerReport> {
    const server = serverOrigin(typed);
    const { node, reach } = await this.openNode(server);
    await reach?.();
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
    const accountNode = await this.openNode(server);
    const session = await signUp(this.depsAt(accountNode), request, signal);
    await this.#enter(session, accountNode, options.staySignedIn);
    this.#rehearse(session, accountNode);
  }

  /** `secondFactor` is asked where the password alone is not enough. */
  async signIn(
    options: Confirmed,
    secondFactor: NonNullable<Credentials['secondFactor']>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { username, password, server, staySignedIn, accepts } = options;
    const accountNode = await this.openNode(server);
    // A browser without storage remembers no account.
    const known = await this.#deps.savedLogins
      .known({
        username,
        ...(accountNode.server === undefined ? {} : { server: accountNode.server }),
      })
      .catch(() => undefined);
    const credentials = { username, password, secondFactor, known, accepts };
    const session = await signIn(this.depsAt(accountNode), credentials, signal);
    await this.#enter(session, accountNode, staySignedIn);
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
      const accountNode = await this.openNode(chosen.server);
      await this.#enter(await resumeSession(this.depsAt(accountNode), kept), accountNode, true);
      return true;
    } catch (error) {
      if (!isOutdated(error)) throw error;
      await savedLogins.drop(chosen);
      await this.#tellState();
      return false;
    }
  }

  /** Sends what can be sent; returns the number of changes that a sign-out would lose. */
  async pendingChanges(account?: AccountName): Promise<number> {
    const current = this.#current;
    const chosen = account ?? current?.account;
    if (chosen === undefined) return 0;
    const isCurrent = current !== undefined && accountKey(current.account) === accountKey(chosen);
    // Merging with changes of other devices needs the keys of the session.
    if (isCurrent) await current.pendingSync?.flush().catch(() => undefined);
    const accountNode = isCurrent ? current.accountNode : await this.openNode(chosen.server);
    return pendingAt(accountNode, chosen.username);
  }

  /**
   * Deletes everything that opens the account without the password, and ends every tab's session.
   * Throws `ChangesPending` if changes are pending, unless `discardsChanges`.
   */
  async signOut({ discardsChanges = false } = {}): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    if (!discardsChanges && (await this.pendingChanges()) > 0) throw new ChangesPending();
    current.pendingSync?.close();
    await discardPending(current.accountNode, current.username, true);
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
  async forget(account: AccountName, { discardsChanges = false } = {}): Promise<void> {
    const current = this.#current;
    if (current !== undefined && accountKey(current.account) === accountKey(account)) {
      await this.signOut({ discardsChanges });
    }
    await discardPending(await this.openNode(account.server), account.username, discardsChanges);
    const { savedLogins, tabs } = this.#deps;
    await savedLogins.forget(account);
    await this.#deps.draftRecords.forget(accountKey(account)).catch(() => undefined);
    tabs.tell({ kind: 'signed-out', account: accountKey(account) });
    await this.#forgetServer(account.server);
    await this.#tellState();
  }

  /** Deletes the cache of a server when its last account is forgotten. */
  async #forgetServer(server: string | undefined): Promise<void> {
    const known = await this.#deps.savedLogins.list();
    if (server === undefined || known.some((one) => one.server === server)) return;
    await (await this.openNode(server)).forget?.();
  }

  /** Notes an account that came to this browser another way. */
  async note(account: AccountName): Promise<void> {
    await this.#deps.savedLogins.note(account);
    await this.#tellState();
  }

  /** Saves the login of the session again, if the user stays signed in. */
  async keepAgain({ account, session, accountNode }: OpenSession): Promise<void> {
    const { savedLogins } = this.#deps;
    const isKept = (await savedLogins.load(account)) !== undefined;
    await savedLogins.remember(account, knownStateOf(session));
    if (isKept) await savedLogins.keep(session, accountNode.server);
  }

  /** Replaces the session by another one of the same user, perhaps at another node. */
  async goOn(session: Session, accountNode: AccountNode): Promise<void> {
    const { savedLogins } = this.#deps;
    const { account } = this.current;
    const staysSignedIn = (await savedLogins.load(account)) !== undefined;
    await savedLogins.drop(account);
    await this.#enter(session, accountNode, staysSignedIn);
    this.#rehearse(session, accountNode);
  }

  /** Ends the sessions of other tabs: their keys are not valid any more. */
  endElsewhere({ account }: OpenSession): void {
    this.#deps.tabs.tell({ kind: 'signed-out', account: accountKey(account) });
  }

  openNode(server: string | undefined): Promise<AccountNode> {
    const { nodes, events } = this.#deps;
    return nodes.open(
      server,
      (changed, isOnline) => {
        if (this.#current?.accountNode.server !== changed) return;
        events.emit({ kind: 'connection', isOnline });
        if (isOnline) this.#current.pendingSync?.soon(0);
      },
      (changed, copy) => {
        if (this.#current?.accountNode.server === changed) events.emit(copyEvent(copy));
      },
    );
  }

  /** Changes of the account itself are never pending: they go to the server or fail. */
  depsAt({ node, queue, pointerMemory }: AccountNode): AccountDeps {
    const { random, clock } = this.#deps;
    return { node: queue?.node.through ?? node, random, clock, pointerMemory };
  }

  /** Reads what the next visit needs, so that the cache holds it if the server is away then. */
  #rehearse(session: Session, accountNode: AccountNode): void {
    if (accountNode.server === undefined) return;
    resumeSession(this.depsAt(accountNode), session).catch(() => undefined);
  }

  /** Tells the screens who is signed in, or which accounts are known. */
  async #tellState(): Promise<void> {
    this.#deps.events.emit({ kind: 'session', state: await this.state() });
  }

  async #enter(session: Session, accountNode: AccountNode, staySignedIn: boolean): Promise<void> {
    const { savedLogins, tabs } = this.#deps;
    this.#current?.close();
    const opened = this.#deps.open(session, accountNode);
    opened.witness = await rememberedWitness(this.#deps, opened.account);
    this.#current = opened;
    const { account } = opened;
    if (!staySignedIn) await savedLogins.drop(account);
    // A browser that cannot keep a login (no storage for keys) still lets its person in.
    await (
      staySignedIn ? savedLogins.keep(session, accountNode.server) : savedLogins.note(account)
    ).catch(() => undefined);
    await savedLogins.remember(account, knownStateOf(session)).catch(() => undefined);
    tabs.tell({ kind: 'accounts-changed' });
    // The connection may have changed while nobody was signed in.
    this.#deps.events.emit({ kind: 'connection', isOnline: accountNode.isOnline() });
    this.#deps.events.emit(copyEvent(accountNode.copy?.()));
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

/** The saved login is not valid any more: the password or the account changed, or is gone. */
function isOutdated(error: unknown): boolean {
  return (
    error instanceof SignInAgain ||
    error instanceof CannotDecrypt ||
    error instanceof UserDeleted ||
    error instanceof UnknownUser
  );
}

function copyEvent(copy: CopySeen | undefined): ClientEvent {
  return { kind: 'copy', isCopy: copy !== undefined, ...copy };
}
