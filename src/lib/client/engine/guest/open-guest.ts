/**
 * A drive without an account: what one link leads to, opened, read and changed by the code that does
 * it in anybody's own drive. It lives as long as the page of the link.
 */
import type { Random } from '#lib/bytes/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import { Drive, type DriveDeps } from '#lib/drive/index.ts';
import { ItemRoot, type LinkWishes, type OpenLink } from '#lib/social/index.ts';
import type { Copied, FolderSum, LinkItem, Made, Route } from '../../types.ts';
import { createFileRooms, type FileRooms } from '../files/file-rooms.ts';
import { abortable } from '../files/folders.ts';
import { createMemoryDraftRecords } from '../frames/draft-records.ts';
import { Drafts } from '../frames/drafts.ts';
import type { Item } from '../files/entries.ts';
import type { Events, TellChange } from '../events.ts';
import { measure } from '../measure.ts';
import type { AccountNode } from '../session/node-directory.ts';
import type { TicketIssuer } from '../session/ticket-issuer.ts';

/** The first name of every path, and no user's: what the link leads to is the only entry below it. */
const ROOT = ':link';

export interface OpenGuestDeps {
  readonly accountNode: AccountNode;
  readonly driveDeps: DriveDeps;
  readonly random: Random;
  readonly clock: () => number;
  readonly events: Events;
  readonly tickets: TicketIssuer;
}

export class OpenGuest implements FileRooms {
  readonly drive: Drive;
  readonly driveDeps: DriveDeps;
  readonly entries: FileRooms['entries'];
  readonly transfers: FileRooms['transfers'];
  readonly operations: FileRooms['operations'];
  readonly undo: FileRooms['undo'];
  readonly folders: FileRooms['folders'];
  readonly uploads: FileRooms['uploads'];
  readonly downloads: FileRooms['downloads'];
  readonly viewers: FileRooms['viewers'];
  readonly link: OpenLink;
  readonly #deps: OpenGuestDeps;
  #isClosed = false;

  constructor(deps: OpenGuestDeps, link: OpenLink) {
    const { driveDeps, events, accountNode } = deps;
    this.#deps = deps;
    this.link = link;
    this.driveDeps = driveDeps;
    this.drive = new Drive(driveDeps);
    this.drive.roots.add(new ItemRoot(driveDeps, ROOT, link.capability));
    const key = SymmetricKey.random(deps.random);
    const drafts = new Drafts({
      ...deps,
      records: createMemoryDraftRecords(),
      account: ROOT,
      key: () => key,
    });
    const rooms = createFileRooms({
      ...deps,
      drafts,
      drive: this.drive,
      source: accountNode.source,
      changed: this.#changed,
      mount: async () => undefined,
      onTransfers: (transfers) => {
        if (!this.#isClosed) events.emit({ kind: 'transfers', transfers });
      },
    });
    this.entries = rooms.entries;
    this.transfers = rooms.transfers;
    this.operations = rooms.operations;
    this.undo = rooms.undo;
    this.folders = rooms.folders;
    this.uploads = rooms.uploads;
    this.downloads = rooms.downloads;
    this.viewers = rooms.viewers;
  }

  /** What the page of the link begins with. */
  async describe(wishes: LinkWishes, signal?: AbortSignal): Promise<LinkItem> {
    const { name, properties } = this.link.item;
    const path = [ROOT, name];
    const { item } = await this.folders.walk(path, signal);
    return {
      entry: this.entries.describe(item),
      path,
      sizeBytes: properties.sizeBytes,
      writable: this.link.isWritable,
      downloads: wishes.download,
      start: await this.#start(path, wishes, signal),
    };
  }

  /** The only entry there is, with the folder around it: what can be copied elsewhere. */
  async whole(signal?: AbortSignal) {
    const around = await this.drive.roots.open(ROOT, signal);
    for await (const rows of this.drive.list(around, abortable(signal))) return { around, rows };
    return { around, rows: [] };
  }

  makeFolder(id: string, name: string): Promise<Made> {
    return this.folders.makeFolder(id, name);
  }

  makeFile(id: string, name: string): Promise<Made> {
    return this.folders.makeFile(id, name);
  }

  async copy(ids: readonly string[], targetId: string, signal?: AbortSignal): Promise<Copied> {
    const { leftOut } = await this.folders.copy(ids, targetId, signal);
    return { leftOut };
  }

  measure(
    ids: readonly string[],
    onSum: (sum: FolderSum) => void,
    signal?: AbortSignal,
  ): Promise<FolderSum> {
    const { drive, folders } = this;
    return measure({ drive, folders, clock: this.#deps.clock }, ids, onSum, signal);
  }

  close(): void {
    this.#isClosed = true;
    this.transfers.close();
    this.downloads.close();
  }

  readonly #changed: TellChange = (path, change, names) => {
    if (this.#isClosed) return;
    this.downloads.refresh();
    this.#deps.events.emit({ kind: 'folder-changed', path, change, names, by: 'this-tab' });
  };

  /** The place that the address asks for, as far as it is there. */
  async #start(
    path: readonly string[],
    { open, path: wished, filename }: LinkWishes,
    signal?: AbortSignal,
  ): Promise<Route> {
    const { item } = this.link;
    if (!item.isDirectory) return open ? { app: 'view', path } : { app: 'drive', path };
    const folder = [...path, ...(await this.#below(wished, signal))];
    const reached = await this.folders.walk(folder, signal).catch(() => undefined);
    if (reached === undefined || !reached.handle.isDirectory) return { app: 'drive', path };
    const file = open ? (filename ?? (await this.#onlyFile(reached.item, signal))) : filename;
    if (file === undefined) return { app: 'drive', path: folder };
    const isThere = await this.drive.find(reached.handle, file, signal).catch(() => undefined);
    if (isThere === undefined || isThere.isDirectory) return { app: 'drive', path: folder };
    return { app: 'view', path: [...folder, file] };
  }

  /** Names below the item of a path that begins with its owner's name. */
  async #below(wished: string | undefined, signal?: AbortSignal): Promise<readonly string[]> {
    if (wished === undefined) return [];
    const names = wished.split('/').filter((name) => name !== '');
    const place = await this.link.locate(signal).catch(() => undefined);
    const isInside = place?.path.every((name, at) => names[at] === name) === true;
    return isInside ? names.slice(place.path.length) : [];
  }

  async #onlyFile(folder: Item, signal?: AbortSignal): Promise<string | undefined> {
    const handle = await this.entries.open(folder, signal);
    let only: string | undefined;
    for await (const rows of this.drive.list(handle, abortable(signal))) {
      for (const { name, isDirectory } of rows) {
        if (isDirectory || only !== undefined) return undefined;
        only = name;
      }
    }
    return only;
  }
}
