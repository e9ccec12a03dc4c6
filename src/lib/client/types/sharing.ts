/** Sharing: who has access to which entry. */
import type { EntryId, TransferFailure, Undoable } from './entries.ts';

export type ShareRight = 'read' | 'write';

export type ShareRecipient =
  | { readonly kind: 'person'; readonly username: string }
  | { readonly kind: 'group'; readonly name: 'friends' | 'followers' };

/** Access of somebody to an entry. */
export interface EntryAccess {
  readonly recipient: ShareRecipient;
  readonly right: ShareRight;
  /** What was shared, from its root: the entry itself, or a folder it lies in. */
  readonly by: readonly string[];
}

export interface SharedEntry {
  readonly path: readonly string[];
  readonly access: readonly EntryAccess[];
}

/** How an entry is shared by itself: who has access, and how many links lead to it. */
export interface EntrySharing {
  readonly name: string;
  readonly access: readonly EntryAccess[];
  readonly links: number;
}

export interface ResealProgress {
  readonly files: number; // sealed anew so far
  readonly bytes: number;
}

/** Who has access to what. */
export interface SharingCalls {
  share(
    ids: readonly EntryId[],
    recipients: readonly ShareRecipient[],
    right: ShareRight,
  ): Promise<void>;
  unshare(
    id: EntryId,
    recipients: readonly ShareRecipient[],
    right: ShareRight,
  ): Promise<readonly TransferFailure[]>; // what could not be opened and keeps its keys
  /** Seals contents anew at once that a revocation left under keys a former reader may have kept. */
  reseal(
    id: EntryId,
    onProgress: (progress: ResealProgress) => void,
    signal?: AbortSignal,
  ): Promise<readonly TransferFailure[]>; // what could not be read and stays as it is
  access(id: EntryId, signal?: AbortSignal): Promise<readonly EntryAccess[]>;
  /** Takes what was shared with us off what we see, until it is shared again. */
  leave(ids: readonly EntryId[]): Promise<Undoable>;
  /** How we shared entries of a folder, without those that we did not. */
  sharingIn(folder: EntryId, signal?: AbortSignal): Promise<readonly EntrySharing[]>;
  sharedByMe(signal?: AbortSignal): Promise<readonly SharedEntry[]>;
}
