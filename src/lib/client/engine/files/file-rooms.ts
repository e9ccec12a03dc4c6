/**
 * What works on the files of one drive, opened by an account or by a guest with a link. Ids
 * given out by one of them mean nothing to another.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { Drive, DriveDeps } from '#lib/drive/index.ts';
import type { NodeSource } from '#lib/tickets/index.ts';
import type { Transfer } from '../../types.ts';
import type { TellChange } from '../events.ts';
import type { TicketIssuer } from '../session/ticket-issuer.ts';
import { Downloads } from '../transfers/downloads.ts';
import { DriveOperations } from '../transfers/operations.ts';
import { Transfers } from '../transfers/transfers.ts';
import type { Drafts } from '../frames/drafts.ts';
import { Viewers } from '../frames/viewers.ts';
import { Uploads } from '../transfers/uploads.ts';
import { UndoLog } from '../undo.ts';
import { Entries } from './entries.ts';
import { Folders } from './folders.ts';

export interface FileRoomsDeps {
  readonly drive: Drive;
  readonly driveDeps: DriveDeps;
  /** Whose home the drive has; absent for a guest. */
  readonly username?: string;
  readonly random: Random;
  readonly clock: () => number;
  readonly tickets: TicketIssuer;
  /** Where the service worker reads the same blocks. */
  readonly source: NodeSource;
  readonly drafts: Drafts;
  readonly changed: TellChange;
  readonly mount: (root: string) => Promise<void>;
  readonly onTransfers: (transfers: readonly Transfer[]) => void;
}

export interface FileRooms {
  readonly entries: Entries;
  readonly transfers: Transfers;
  readonly operations: DriveOperations;
  readonly undo: UndoLog;
  readonly folders: Folders;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly viewers: Viewers;
}

export function createFileRooms(deps: FileRoomsDeps): FileRooms {
  const { drive, driveDeps, username, random, clock, tickets, source } = deps;
  const { changed, mount, onTransfers } = deps;
  const entries = new Entries(drive, random, username);
  const transfers = new Transfers(onTransfers);
  const operations = new DriveOperations({ transfers, random, clock });
  const undo = new UndoLog(random);
  const shared = { drive, entries, operations, undo, random, clock, changed, mount };
  const folders = new Folders(shared);
  const uploads = new Uploads({ ...shared, folders, transfers });
  const reading = { tickets, source, reader: driveDeps };
  const downloads = new Downloads({ ...shared, ...reading, folders, transfers });
  const viewers = new Viewers({ ...shared, folders, drafts: deps.drafts, reader: driveDeps });
  return { entries, transfers, operations, undo, folders, uploads, downloads, viewers };
}
