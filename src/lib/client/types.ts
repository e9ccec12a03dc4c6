/**
 * What screens can ask for, by subject. Plain descriptions and byte streams only: no key, hash or
 * block crosses this line.
 */
import type { ErrorDescription } from '#lib/rpc/index.ts';
import type {
  AccountCalls,
  PendingChanges,
  SentReport,
  SessionState,
  StorageReport,
} from './types/accounts.ts';
import type { AppCalls } from './types/apps.ts';
import type { EntryCalls, FolderChange } from './types/entries.ts';
import type { LinkCalls } from './types/links.ts';
import type { NodeCalls } from './types/nodes.ts';
import type { PeopleCalls, PeopleState } from './types/people.ts';
import type { ProfileCalls } from './types/profiles.ts';
import type { RouteCalls } from './types/route.ts';
import type { SecondFactorCalls } from './types/second-factors.ts';
import type { SharingCalls } from './types/sharing.ts';
import type { TransferCalls, Transfer } from './types/transfers.ts';
import type { ViewerCalls } from './types/viewers.ts';

export type { ErrorKind } from '#lib/bytes/index.ts';
export type {
  PageKey,
  ThemeName,
  ViewerChoice,
  ViewerFailure,
  ViewerKind,
} from '#lib/frames/index.ts';
export type { ErrorDescription } from '#lib/rpc/index.ts';
export type * from './app-types.ts';
export type * from './types/accounts.ts';
export type * from './types/apps.ts';
export type * from './types/entries.ts';
export type * from './types/links.ts';
export type * from './types/nodes.ts';
export type * from './types/people.ts';
export type * from './types/profiles.ts';
export type * from './types/route.ts';
export type * from './types/second-factors.ts';
export type * from './types/sharing.ts';
export type * from './types/transfers.ts';
export type * from './types/viewers.ts';

export type ClientEvent =
  | { kind: 'session'; state: SessionState }
  | { kind: 'transfers'; transfers: readonly Transfer[] }
  | ({ kind: 'folder-changed' } & FolderChange)
  | { kind: 'connection'; isOnline: boolean } // the server of the account went, or came back
  // what is shown is a copy, as of then, since the account's own server is away; or is no more
  | { kind: 'copy'; isCopy: boolean; seenMs?: number }
  | ({ kind: 'pending' } & PendingChanges)
  | ({ kind: 'sent' } & SentReport) // no change is pending any more
  | { kind: 'people'; people: PeopleState }
  | { kind: 'storage'; report: StorageReport }
  | { kind: 'warning'; error: ErrorDescription }; // nothing a person asked for failed, but it concerns him

export interface Client
  extends
    AccountCalls,
    SecondFactorCalls,
    EntryCalls,
    PeopleCalls,
    SharingCalls,
    LinkCalls,
    NodeCalls,
    ProfileCalls,
    AppCalls,
    ViewerCalls,
    TransferCalls,
    RouteCalls {
  readonly state: SessionState;
  subscribe(listener: (event: ClientEvent) => void): () => void;
}
