/**
 * Uploads of this session: new ones, and those an earlier visit left unfinished. The drive keeps a
 * record of each large upload (A-9 §3); after a reload it goes on when the same file is chosen
 * again, because a page may not keep a person's file open.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import { besideSystemNames, blobSource, type Drive, type OpenUpload } from '#lib/drive/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { ConflictChoice, UploadItem } from '../../types.ts';
import type { TellChange } from '../events.ts';
import type { Entries, Item } from '../files/entries.ts';
import { InterruptedUploadTask } from './interrupted-upload-task.ts';
import type { Folders } from '../files/folders.ts';
import type { Transfers } from './transfers.ts';
import { CANCELLED, UploadTask, type UploadPart, type UploadRun } from './upload-task.ts';

/** The chosen file is not the one whose upload was interrupted. */
export class AnotherFile extends PyrgosError {
  override readonly name = 'AnotherFile';
  override readonly kind = 'invalid';
  constructor() {
    super('This is another file than the one whose upload was interrupted.');
  }
}

export interface UploadsDeps {
  readonly drive: Drive;
  readonly entries: Entries;
  readonly folders: Folders;
  readonly transfers: Transfers;
  readonly random: Random;
  readonly clock: () => number;
  readonly changed: TellChange;
}

export class Uploads {
  readonly #deps: UploadsDeps;
  /** Target paths that this instance is uploading to. */
  readonly #running = new Set<string>();

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /** Paths being uploaded here, for other tabs that wonder whether an upload was interrupted. */
  get runningPaths(): readonly string[] {
    return [...this.#running];
  }

  /** Queues files and empty folders into a folder; returns the transfer's id. */
  add(
    folderId: string,
    items: readonly UploadItem[],
    onConflict: ConflictChoice | undefined,
  ): string {
    const { entries } = this.#deps;
    const folder = entries.item(folderId);
    const above = entries.belowHome(entries.path(folder));
    const parts = items.map(({ path, file }) => ({
      path: besideSystemNames(above, path),
      file,
      sizeBytes: file?.size ?? 0,
    }));
    return this.#enqueue(ticketId(this.#deps.random), folder, parts, onConflict);
  }

  /** Lists what earlier visits left unfinished, apart from what `elsewhere` is still at. */
  async findInterrupted(elsewhere: ReadonlySet<string>): Promise<void> {
    const { drive, transfers, random } = this.#deps;
    const uploads = drive.uploads();
    for (const upload of await uploads.list()) {
      const { path } = upload;
      const key = path.join('/');
      if (upload.isRunning || path.length < 2 || elsewhere.has(key)) continue;
      if (!upload.isResumable) continue; // other clients' old records are theirs to clear
      const forget = (): void => {
        uploads.clear(upload).then(
          () => transfers.remove(id),
          () => transfers.remove(id),
        );
      };
      const task = new InterruptedUploadTask(ticketId(random), path, upload.sizeBytes, forget);
      const id = transfers.add(task);
    }
  }

  /** Goes on with an interrupted upload. Throws AnotherFile, UnknownTransfer. */
  async resumeWithFile(id: string, file: File): Promise<void> {
    const { transfers, folders } = this.#deps;
    const task = transfers.task(id);
    if (!(task instanceof InterruptedUploadTask) || file.size !== task.sizeBytes) {
      throw new AnotherFile();
    }
    const name = task.path.at(-1)!;
    const { item } = await folders.walk(task.path.slice(0, -1));
    const part = { path: [name], file, sizeBytes: file.size };
    this.#enqueue(id, item, [part], undefined);
  }

  #enqueue(
    id: string,
    folder: Item,
    parts: readonly UploadPart[],
    onConflict: ConflictChoice | undefined,
  ): string {
    const { entries, transfers, clock } = this.#deps;
    const task = new UploadTask(
      {
        id,
        name: parts[0]?.path[0] ?? '',
        folderPath: entries.path(folder),
        clock,
        changed: transfers.changed,
        store: (some, run) => this.#store(folder, some, onConflict, run),
      },
      parts,
    );
    return transfers.add(task);
  }

  async #store(
    folder: Item,
    parts: readonly UploadPart[],
    onConflict: ConflictChoice | undefined,
    run: UploadRun,
  ): Promise<void> {
    const { drive, entries, changed } = this.#deps;
    const path = entries.path(folder);
    const targets = parts.map((part) => [...path, ...part.path].join('/'));
    for (const target of targets) this.#running.add(target);
    try {
      const handle = await entries.open(entries.item(folder.id), run.signal);
      const items = parts.map(({ path, file }) =>
        file === undefined ? { path } : { path, source: blobSource(file) },
      );
      const uploaded = await drive.upload(handle, items, {
        signal: run.signal,
        pace: run.pace,
        onProgress: run.onProgress,
        onUploaded(some) {
          run.onSettled(some);
          for (const [inside, names] of namesByFolder(some)) {
            changed([...path, ...inside], 'added', names);
          }
        },
        ...(onConflict === undefined ? {} : { onConflict }),
      });
      run.onSettled(uploaded); // those that were skipped too
      const folders = parts.filter(({ file }) => file === undefined);
      for (const [inside, names] of namesByFolder(folders)) {
        changed([...path, ...inside], 'added', names);
      }
    } catch (error) {
      // The person does not want it any more: what is stored of a large file is cleared as well.
      if (run.signal.reason === CANCELLED) await this.#clear(targets);
      throw error;
    } finally {
      for (const target of targets) this.#running.delete(target);
    }
  }

  async #clear(targets: readonly string[]): Promise<void> {
    const uploads = this.#deps.drive.uploads();
    const isMine = (upload: OpenUpload): boolean => targets.includes(upload.path.join('/'));
    const mine = (await uploads.list()).filter(isMine);
    for (const upload of mine) await uploads.clear(upload);
  }
}

/** What is new by the folder it is in, the target (`[]`) and those below it. */
function namesByFolder(
  stored: readonly { readonly path: readonly string[] }[],
): [folder: readonly string[], names: string[]][] {
  const found = new Map<string, { folder: readonly string[]; names: Set<string> }>();
  for (const { path } of stored) {
    for (const [depth, name] of path.entries()) {
      const folder = path.slice(0, depth);
      const key = folder.join('/');
      const at = found.get(key) ?? { folder, names: new Set() };
      at.names.add(name);
      found.set(key, at);
    }
  }
  return [...found.values()].map(({ folder, names }) => [folder, [...names]]);
}
