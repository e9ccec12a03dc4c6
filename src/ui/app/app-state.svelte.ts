/**
 * What every screen shares: the client, who is signed in, where we are, transfers, storage, and
 * the notes at the edge. One instance per page, handed down by context.
 */
import { createContext } from 'svelte';
import type {
  Client,
  FolderChange,
  SessionState,
  StorageReport,
  Transfer,
} from '#lib/client/index.ts';
import { Appearance } from './appearance.svelte.ts';
import { describeError, isAbort, kindOf, nameOf } from './describe-error.ts';
import { KeptFiles } from './kept-files.ts';
import { UndoHistory } from './undo-history.ts';
import { PeopleList } from './people-state.svelte.ts';
import { Router, type AppRouter } from './router.svelte.ts';
import { Toasts } from './toasts.svelte.ts';
import type { HostState } from './host-state.svelte.ts';
import type { UpdateState } from './update-state.svelte.ts';
import { PendingChangesState, type SignOutRequest } from './pending-changes.svelte.ts';

const UNDER_WAY = new Set<Transfer['state']>(['waiting', 'running', 'paused']);

export class AppState {
  readonly client: Client;
  readonly router: AppRouter;
  readonly toasts = new Toasts();
  readonly appearance = new Appearance();
  readonly host: HostState;
  readonly update: UpdateState;
  session = $state.raw<SessionState>({ kind: 'starting' });
  transfers = $state.raw<readonly Transfer[]>([]);
  storage = $state.raw<StorageReport | undefined>(undefined);
  online = $state(true);
  /** Whether the server of the account answers; always true for accounts in this browser. */
  serverOnline = $state(true);
  /** Set while what is shown of the account is a copy, because its own server is away. */
  copy = $state.raw<{ readonly seenMs?: number } | undefined>(undefined);
  /** What is kept here until the server takes it. */
  readonly pendingChanges = new PendingChangesState(this.toasts);
  /** The files of uploads that may be broken off. */
  readonly keptFiles = new KeptFiles(Date.now);
  /** Who is who. */
  readonly people: PeopleList;
  /** What can be undone. */
  readonly undoHistory: UndoHistory;
  /** A sign-out that would lose changes, and is to be confirmed. */
  signOutRequest = $state.raw<SignOutRequest | undefined>(undefined);
  /** Whether the account's node can be asked. */
  readonly reachable = $derived(this.online && this.serverOnline);
  /** Work that a closing tab would break off. */
  readonly busy = $derived(
    // What an earlier visit left unfinished is broken off already.
    this.transfers.some((one) => UNDER_WAY.has(one.state) && one.needsFile !== true),
  );
  /** Who is signed in, and where. */
  readonly account = $derived(accountOf(this.session));
  /** Empty while nobody is signed in. */
  readonly username = $derived(this.session.kind === 'signed-in' ? this.session.username : '');
  readonly #folderListeners = new Set<(change: FolderChange) => void>();
  /** What is on screen is behind a link, also if an account is signed in. */
  readonly isGuest: boolean;
  #mayResume: boolean;

  /** A guest's page has a router of its own. */
  constructor(client: Client, host: HostState, update: UpdateState, guestRouter?: AppRouter) {
    this.client = client;
    this.host = host;
    this.update = update;
    this.isGuest = guestRouter !== undefined;
    this.#mayResume = !this.isGuest;
    this.router = guestRouter ?? new Router(client);
    this.people = new PeopleList(client);
    const { toasts } = this;
    this.undoHistory = new UndoHistory({ client, toasts, attempt: (act) => this.attempt(act) });
  }

  /** Begins to follow the client and the window; the result ends it. */
  start(): () => void {
    this.appearance.start();
    this.online = navigator.onLine;
    const stop = new AbortController();
    const { signal } = stop;
    const listen = (type: string, listener: (event: Event) => void) =>
      window.addEventListener(type, listener, { signal });
    const retry = (): void => void this.client.retryChanges().catch(() => undefined);
    listen('focus', () => {
      retry();
      this.people.glance();
    });
    listen('online', () => {
      this.online = true;
      retry();
    });
    listen('offline', () => (this.online = false));
    listen('popstate', () => void this.#follow());
    listen('beforeunload', (event) => {
      if (this.busy) event.preventDefault();
    });
    const unsubscribe = this.client.subscribe((event) => {
      if (event.kind === 'session') void this.#enter(event.state);
      else if (event.kind === 'transfers') {
        this.transfers = event.transfers;
        this.keptFiles.settle(event.transfers);
      } else if (event.kind === 'storage') this.storage = event.report;
      else if (event.kind === 'people') this.people.hear(event.people);
      else if (event.kind === 'connection') this.serverOnline = event.isOnline;
      else if (event.kind === 'copy') this.copy = event.isCopy ? event : undefined;
      else if (event.kind === 'warning') this.toasts.failed(describeError(event.error));
      else if (event.kind === 'pending' || event.kind === 'sent') this.pendingChanges.hear(event);
      else for (const listener of this.#folderListeners) listener(event);
    });
    void this.#enter(this.client.state);
    return () => {
      stop.abort();
      unsubscribe();
    };
  }

  /** Calls the listener with changed folders, of this tab or another; the result ends it. */
  onFolderChanged(listener: (change: FolderChange) => void): () => void {
    this.#folderListeners.add(listener);
    return () => this.#folderListeners.delete(listener);
  }

  /** Runs an operation of the user; a failure is shown as a toast. True if it succeeded. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      // After a sign-out the sign-in screen says enough.
      const isOver = nameOf(error) === 'EngineStopped' && this.session.kind !== 'signed-in';
      if (!isAbort(error) && !isOver) this.toasts.failed(describeError(error));
      return false;
    }
  }

  /** Signs out; where that would lose changes it is asked first. */
  async signOut({ discardsChanges = false } = {}): Promise<void> {
    this.signOutRequest = undefined;
    await this.attempt(async () => {
      const changes = discardsChanges ? 0 : await this.client.pendingChanges();
      if (changes > 0) this.signOutRequest = { changes };
      else await this.#leave(discardsChanges);
    });
  }

  async #leave(discardsChanges: boolean): Promise<void> {
    this.#mayResume = false;
    const { account } = this;
    await this.client.signOut({ discardsChanges });
    if (account !== undefined) await this.keptFiles.clear(account);
    this.router.clear();
    this.people.stop();
    this.toasts.clear();
  }

  async #enter(state: SessionState): Promise<void> {
    if (state.kind === 'signed-out' && this.#mayResume) {
      this.#mayResume = false;
      if (state.accounts.some((account) => account.staysSignedIn) && (await this.#resume())) return;
    }
    if (state.kind === 'signed-in' && accountOf(state) !== this.account && !this.isGuest) {
      this.#mayResume = false;
      this.transfers = [];
      this.undoHistory.clear();
      this.pendingChanges.clear();
      await this.router.start(state.username);
      this.people.start();
      this.client.storage().then(
        (report) => (this.storage = report),
        () => (this.storage = undefined),
      );
    }
    this.session = state;
  }

  async #resume(): Promise<boolean> {
    try {
      return await this.client.resume();
    } catch (error) {
      // The sign-in screen offers to try again; it cannot know why that is needed.
      if (kindOf(error) === 'offline') this.toasts.failed(describeError(error));
      return false;
    }
  }

  async #follow(): Promise<void> {
    if (this.isGuest || this.session.kind === 'signed-in') await this.router.follow();
  }
}

/** Two accounts of one name at two places are two accounts. */
function accountOf(session: SessionState): string | undefined {
  return session.kind === 'signed-in' ? `${session.username}@${session.server ?? ''}` : undefined;
}

export const [getApp, setApp] = createContext<AppState>();
