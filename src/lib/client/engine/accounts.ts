/**
 * Who is signed in: signing up, in and out, staying signed in, several accounts in one browser.
 * At most one session is open per engine; opening another ends the one before.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import {
  changePassword,
  judgePassword,
  resumeSession,
  signIn,
  SignInAgain,
  signUp,
  UserDeleted,
  type AccountDeps,
  type NewAccount,
  type SavedLogins,
  type Session,
} from '#lib/account/index.ts';
import { CannotDecrypt } from '#lib/crypto/index.ts';
import { isValidUsername, UnknownUser } from '#lib/node/index.ts';
import type { SessionState } from '../types.ts';
import type { Events } from './events.ts';
import type { OpenSession } from './open-session.ts';
import type { Tabs } from './tabs.ts';

/** Something was asked that needs an account, and nobody is signed in. */
export class NotSignedIn extends PyrgosError {
  override readonly name = 'NotSignedIn';
  constructor() {
    super('Please sign in first.');
  }
}

export interface AccountsDeps {
  readonly account: AccountDeps;
  readonly savedLogins: SavedLogins;
  readonly events: Events;
  readonly tabs: Tabs;
  readonly random: Random;
  readonly open: (session: Session) => OpenSession;
  /** The cost of new passwords; today's unless a test says otherwise. */
  readonly newAlgorithm?: (() => NonNullable<NewAccount['algorithm']>) | undefined;
}

interface SignInOptions {
  readonly username: string;
  readonly password: string;
  readonly staySignedIn: boolean;
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
    if (current !== undefined) return { kind: 'signed-in', username: current.username };
    return { kind: 'signed-out', accounts: await this.#deps.savedLogins.list() };
  }

  async checkUsername(name: string): Promise<{ ok: boolean; reason?: string }> {
    if (!isValidUsername(name)) {
      const reason = 'Use 1 to 32 small letters, digits and single hyphens between them.';
      return { ok: false, reason };
    }
    const owner = await this.#deps.account.node.names.publicKey(name);
    return owner === undefined ? { ok: true } : { ok: false, reason: 'This name is taken.' };
  }

  checkPassword = judgePassword;

  async signUp(options: SignInOptions, signal?: AbortSignal): Promise<void> {
    const { account, newAlgorithm } = this.#deps;
    const algorithm = newAlgorithm?.();
    const { username, password } = options;
    const request = { username, password, ...(algorithm === undefined ? {} : { algorithm }) };
    await this.#enter(await signUp(account, request, signal), options.staySignedIn);
  }

  async signIn(options: SignInOptions, signal?: AbortSignal): Promise<void> {
    await this.#enter(await signIn(this.#deps.account, options, signal), options.staySignedIn);
  }

  /** Opens the account that stays signed in (the most recent one, or the one named). */
  async resume(username?: string): Promise<boolean> {
    const { account, savedLogins } = this.#deps;
    const accounts = await savedLogins.list();
    const chosen = accounts.find(
      (one) => one.staysSignedIn && (username === undefined || one.username === username),
    );
    const kept = chosen && (await savedLogins.load(chosen.username));
    if (kept === undefined) return false;
    try {
      await this.#enter(await resumeSession(account, kept), true);
      return true;
    } catch (error) {
      if (!isOutdated(error)) throw error;
      await savedLogins.drop(kept.username);
      await this.#tellState();
      return false;
    }
  }

  /** Deletes what would let anybody in without the password, and ends every tab's session. */
  async signOut(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    const { username } = current;
    await this.#deps.savedLogins.drop(username);
    this.#deps.tabs.tell({ kind: 'signed-out', username });
    await this.#leave();
  }

  /** Another tab signed out. */
  async signedOutElsewhere(username: string): Promise<void> {
    if (this.#current?.username === username) await this.#leave();
    else await this.#tellState();
  }

  async forget(username: string): Promise<void> {
    if (this.#current?.username === username) await this.signOut();
    await this.#deps.savedLogins.forget(username);
    this.#deps.tabs.tell({ kind: 'signed-out', username });
    await this.#tellState();
  }

  async changePassword(
    options: { readonly oldPassword: string; readonly newPassword: string },
    signal?: AbortSignal,
  ): Promise<void> {
    const { current } = this;
    const { account, savedLogins } = this.#deps;
    const { username } = current;
    const kept = await changePassword(account, { username, ...options }, signal);
    current.session = { ...current.session, ...kept };
    const isKept = (await savedLogins.load(username)) !== undefined;
    if (isKept) await savedLogins.keep(kept);
  }

  /** Tells the screens who is signed in, or which accounts are known. */
  async #tellState(): Promise<void> {
    this.#deps.events.emit({ kind: 'session', state: await this.state() });
  }

  async #enter(session: Session, staySignedIn: boolean): Promise<void> {
    const { savedLogins, tabs } = this.#deps;
    const { username } = session;
    this.#current?.close();
    const opened = this.#deps.open(session);
    this.#current = opened;
    if (!staySignedIn) await savedLogins.drop(username);
    // A browser that cannot keep a login (no storage for keys) still lets its person in.
    await (staySignedIn ? savedLogins.keep(session) : savedLogins.note(username)).catch(
      () => undefined,
    );
    tabs.tell({ kind: 'accounts-changed' });
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
