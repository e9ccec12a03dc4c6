/** Transfers: what goes up, down, or is copied, moved and removed within the drive. */
import type { ErrorDescription } from '#lib/rpc/index.ts';
import type { ConflictChoice, EntryId, TransferFailure } from './entries.ts';

export interface UploadItem {
  readonly path: readonly string[] /* relative; last = name; folders before it are made */;
  readonly file?: File; /* absent: an empty folder */
}

export type TransferState = 'waiting' | 'running' | 'paused' | 'failed' | 'done' | 'cancelled';

/** Up and down, and what is done within the drive. */
export type TransferDirection = 'up' | 'down' | 'copy' | 'move' | 'remove';

export interface Transfer {
  readonly id: string;
  readonly direction: TransferDirection;
  /** The name of the first entry, if there are several. */
  readonly name: string;
  /** How many files and folders lie directly in `folderPath`; absent if it is one. */
  readonly items?: number;
  readonly folderPath: readonly string[];
  /** Without what was skipped; 0 while it is not known. */
  readonly totalBytes: number;
  readonly doneBytes: number;
  /** How much is done, from 0 to 1, where bytes alone do not tell it: of several files. */
  readonly share?: number;
  /** 0 while it is not known. */
  readonly files: number;
  readonly filesDone: number;
  /** Their names were taken, and what was there stayed. */
  readonly filesSkipped: number;
  readonly filesFailed: number;
  readonly state: TransferState;
  readonly error?: ErrorDescription;
  readonly bytesPerSecond: number;
  readonly secondsLeft?: number;
  /** The file being worked on, below `folderPath`. */
  readonly current?: readonly string[];
  /** The first file that could not be stored; `watchFiles` names all, `retry` tries them again. */
  readonly failure?: TransferFailure;
  /** An upload of an earlier visit: it goes on when the same file is chosen again (`resumeWithFile`). */
  readonly needsFile?: boolean;
}

export type TransferFileState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

/** One file of a transfer. */
export interface TransferFile {
  readonly path: readonly string[];
  readonly sizeBytes: number;
  readonly doneBytes: number;
  readonly state: TransferFileState;
  readonly error?: ErrorDescription;
}

/** A file with its place in its transfer. */
export type NumberedFile = TransferFile & { readonly at: number };

/** Uploads, downloads, and long operations within the drive. */
export interface TransferCalls {
  download(ids: readonly EntryId[]): Promise<void>; // one file as itself, several/folder as ZIP
  upload(
    folder: EntryId,
    items: readonly UploadItem[],
    onConflict?: ConflictChoice,
  ): Promise<string /* transfer id */>;
  pause(id: string): void;
  resumeTransfer(id: string): void;
  resumeWithFile(id: string, file: File): Promise<void>; // an upload found after a reload
  cancel(id: string): void;
  retry(id: string): void;
  clearFinished(): void;
  /** All files of a transfer, then those that changed, a few times a second until it is aborted. */
  watchFiles(
    id: string,
    onChange: (files: readonly NumberedFile[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
