/** Accounts and sessions. */
import type { ErrorDescription } from '#lib/rpc/index.ts';
import type { Asking } from './second-factors.ts';

/** An account by its name and the server it lives on; without one it lives in this browser. */
export interface AccountName {
  readonly username: string;
  /** Origin of the server. */
  readonly server?: string;
}

export interface Account extends AccountName {
  readonly staysSignedIn: boolean;
}

/** A server that was asked. */
export interface ServerReport {
  /** Its origin, as accounts there are named by. */
  readonly server: string;
  /** Whether it takes new accounts without a token. */
  readonly takesSignUps: boolean;
}

/** How an account differs from what this browser remembers; the name of the error that says so. */
export type AccountChange = 'IdentityReplaced' | 'PasswordWeakened' | 'PasswordReplaced';

export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'signed-out'; readonly accounts: readonly Account[] }
  | ({ readonly kind: 'signed-in' } & AccountName);

export interface ByteProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface MoveProgress extends ByteProgress {
  /** `switching` and `waiting`, for a server that does not answer, are told by servers alone. */
  readonly phase: 'copying' | 'checking' | 'switching' | 'waiting';
  /** Who carries the data: this device, or the two servers. */
  readonly by: 'device' | 'servers';
  readonly doneBlocks: number;
}

/** Changes that are stored on this device until the server accepts them. */
export interface PendingChanges {
  readonly changes: number;
  readonly isSending: boolean;
  /** Why the server refused them, although it can be reached. */
  readonly failure?: ErrorDescription;
  /** Names of the files it refused; the others were sent. */
  readonly refused?: readonly string[];
}

export interface SignOutOptions {
  /** Pending changes are deleted. */
  readonly discardsChanges?: boolean;
}

/** The result of sending pending changes; names of files and folders. */
export interface SentReport {
  /** Changed in two places: both versions are there. */
  readonly keptBoth: readonly string[];
  /** Deleted in one place and changed in another: still there. */
  readonly notDeleted: readonly string[];
  /** Could not be read any more. */
  readonly lost: readonly string[];
}

/** How far a copy of the account on another server is. */
export interface MirrorState {
  /** When it was last complete; absent: it is not yet. */
  readonly seenMs?: number;
  readonly doneBytes: number;
  readonly isBusy: boolean;
  /** Name of the error the last attempt ended with. */
  readonly failure?: string;
}

export interface StorageReport {
  /** Absent: this browser. */
  readonly server?: string;
  readonly persistent: boolean | undefined;
  readonly usedBytes: number;
  /** Absent where there is no limit or it is not known. */
  readonly quotaBytes?: number;
  readonly browserUsageBytes?: number;
  readonly browserQuotaBytes?: number;
}

/** Accounts, sessions, what waits to be sent, and storage. */
export interface AccountCalls {
  ownServer(): Promise<string | undefined>; // the server the app came from, if it is a node
  checkServer(typed: string): Promise<ServerReport>;
  checkUsername(name: string, server?: string): Promise<{ ok: boolean; reason?: string }>; // rules + free there
  checkPassword(
    password: string,
    username: string,
  ): Promise<{ ok: boolean; score: 0 | 1 | 2 | 3 | 4; reason?: string }>;
  suggestPassphrase(): Promise<string>;
  signUp(
    options: AccountName & { password: string; staySignedIn: boolean; token?: string },
    signal?: AbortSignal,
  ): Promise<void>;
  signIn(
    options: AccountName & { password: string; staySignedIn: boolean; accepts?: AccountChange },
    asking?: Asking,
  ): Promise<void>;
  resume(account?: AccountName): Promise<boolean>; // stay-signed-in
  pendingChanges(account?: AccountName): Promise<number>; // what a sign-out would lose
  sendChanges(): Promise<void>; // the pending ones, now
  retryChanges(): Promise<void>; // something changed: refused changes may be accepted now
  discardChanges(): Promise<void>; // the pending ones are lost
  signOut(options?: SignOutOptions): Promise<void>; // leaves nothing readable
  forgetAccount(account: AccountName, options?: SignOutOptions): Promise<void>; // drop the stay-signed-in record
  changePassword(
    options: { oldPassword: string; newPassword: string },
    asking?: Asking,
  ): Promise<void>;
  exportAccount(
    options: { password: string },
    onProgress: (progress: ByteProgress) => void,
    asking?: Asking,
  ): Promise<void>; // saves blocks.car and node.json
  importAccount(
    blocks: File,
    description: File,
    onProgress: (progress: ByteProgress) => void,
    signal?: AbortSignal,
  ): Promise<{ username: string; isNew: boolean }>;
  moveAccount(
    options: { server: string; password: string; token?: string },
    onProgress: (progress: MoveProgress) => void,
    asking?: Asking,
  ): Promise<void>; // to a server; what is here stays
  /** Another server keeps a copy of the account; the answer says how far it is. */
  mirrorAccount(
    options: { server: string; password: string; token?: string },
    asking?: Asking,
  ): Promise<MirrorState>;
  mirrorState(server: string): Promise<MirrorState>; // of one that was asked for before
  endMirror(server: string): Promise<void>;
  takeOver(): Promise<void>; // the account goes on where it is read from a copy
  storage(): Promise<StorageReport>;
  askPersistence(): Promise<boolean>;
  freeUnused(): Promise<number /* bytes */>;
}
