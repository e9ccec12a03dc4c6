/**
 * Showing and saving files: tickets for the service worker, or pieces for the page where there is
 * none. What leaves the engine is a read-only capability of one file, or bytes; never more.
 */
import { concat, PyrgosError, type Random } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import {
  decideViewer,
  decodeText,
  detectEncoding,
  START_BYTES,
  type Decision,
} from '#lib/content/index.ts';
import { capabilityToCbor, readOnly } from '#lib/cryptree/index.ts';
import {
  createFileReader,
  mapPaths,
  NotAFile,
  type Drive,
  type FileReader,
  type Handle,
  type ReaderDeps,
} from '#lib/drive/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import {
  ticketId,
  type ArchiveEntry,
  type LeftOutPath,
  type NodeSource,
} from '#lib/tickets/index.ts';
import { isZipPath, LEFT_OUT_NAME } from '#lib/zip/index.ts';
import type { ReadText } from '../../types.ts';
import type { PageDownload } from '../../protocol/transfers.ts';
import { DownloadTask } from './download-task.ts';
import { UnknownEntry, type Entries } from '../files/entries.ts';
import type { Folders } from '../files/folders.ts';
import type { TicketIssuer, TicketProgress } from '../session/ticket-issuer.ts';
import { pictureSize, type PictureSize } from '../thumbnails/picture-size.ts';
import { archiveMillisecondsOf } from '../files/time-format.ts';
import type { Transfers } from './transfers.ts';

/** Readers kept open between pieces; each may hold one chunk of 5 MiB. */
const OPEN_READERS = 4;
/** How long a browser may take to begin a download; some ask the person where to put it. */
const START_LIMIT_MS = 120_000;
const TOO_DEEP = 'Its path is too long for a ZIP archive.';

/** A file of an archive cannot be read; the others can. */
export class FileLeftOut extends PyrgosError {
  override readonly name = 'FileLeftOut';
  override readonly kind = 'damaged';
}

export interface DownloadsDeps {
  readonly drive: Drive;
  readonly reader: ReaderDeps;
  readonly entries: Entries;
  readonly folders: Folders;
  readonly transfers: Transfers;
  readonly tickets: TicketIssuer;
  /** Where the service worker reads the blocks from. */
  readonly source: NodeSource;
  readonly random: Random;
  readonly clock: () => number;
}

/** A file or folder below the chosen ones, or why there is none. */
interface Found {
  /** As in the drive; folders end in `/`. */
  readonly path: string;
  readonly found: Handle | PyrgosError;
}

/** A file or folder to save. */
interface Saved {
  readonly path: string;
  readonly handle: Handle;
  /** Its path in an archive, which every system takes. */
  readonly archivePath: string;
}

/** What was chosen to be saved. */
interface Chosen {
  readonly name: string;
  readonly isArchive: boolean;
  readonly files: readonly Saved[];
  readonly leftOut: readonly LeftOutPath[];
  /** Where an archive lists what it lacks. */
  readonly listPath: string;
}

interface OpenPageDownload {
  readonly files: readonly Saved[];
  readonly isArchive: boolean;
  readonly task: DownloadTask;
  doneBytes: number;
}

export class Downloads {
  readonly #deps: DownloadsDeps;
  readonly #readers = new LruMap<string, Promise<FileReader>>(OPEN_READERS);
  readonly #pageDownloads = new Map<string, OpenPageDownload>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(deps: DownloadsDeps) {
    this.#deps = deps;
  }

  /** Forgets readers: something changed, and they show an older moment. */
  refresh(): void {
    this.#readers.clear();
  }

  /** Bytes [start, end) of a file; for small pieces. */
  async readBytes(
    id: string,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const reader = await this.#reader(id, () => this.#openFile(id, signal));
    return readAll(reader, start, end, signal);
  }

  /** What a file is by its bytes, its name and its label. */
  async inspect(id: string, signal?: AbortSignal): Promise<Decision & { sizeBytes: number }> {
    const handle = await this.#openFile(id, signal);
    const reader = await this.#reader(id, async () => handle);
    const { sizeBytes } = reader;
    const start = await readAll(reader, 0, Math.min(START_BYTES, sizeBytes), signal);
    const label = handle.properties.mimeType;
    return { ...decideViewer({ name: handle.name, label, start, sizeBytes }), sizeBytes };
  }

  /** The beginning of a file as text, up to a number of bytes; without an encoding, by a guess. */
  async readText(id: string, limitBytes: number, chosen?: string): Promise<ReadText> {
    const reader = await this.#reader(id, () => this.#openFile(id));
    const truncated = reader.sizeBytes > limitBytes;
    const bytes = await readAll(reader, 0, limitBytes);
    const encoding = chosen ?? detectEncoding(bytes, truncated)?.encoding ?? 'utf-8';
    // A character cut in two at the limit is left out; damage inside shows as a replacement sign.
    return { text: decodeText(bytes, encoding, truncated), encoding, truncated };
  }

  /** How many pixels a picture says it has. */
  async pictureSize(id: string, signal?: AbortSignal): Promise<PictureSize | undefined> {
    const { sizeBytes } = await this.#reader(id, () => this.#openFile(id, signal));
    return pictureSize((start, end) => this.readBytes(id, start, end, signal), sizeBytes);
  }

  /** A ticket for showing one file in the page, as the type of its label or as another. */
  async grantStream(
    id: string,
    chosenType?: string,
  ): Promise<{ ticketId: string; mimeType: string; sizeBytes: number }> {
    const handle = await this.#openFile(id);
    const { sizeBytes } = handle.properties;
    const mimeType = chosenType ?? handle.properties.mimeType;
    const granted = await this.#deps.tickets.grant({
      ...this.#fileTicket(handle),
      mimeType,
      disposition: 'inline',
    });
    return { ticketId: granted, mimeType, sizeBytes };
  }

  /** A ticket for saving: one file as itself, anything else as an archive. */
  async grantDownload(ids: readonly string[]): Promise<{ ticketId: string; name: string }> {
    const { tickets, source } = this.#deps;
    const chosen = await this.#chosen(ids);
    const { name, files, leftOut, listPath } = chosen;
    const [only] = files;
    // The bytes can be requested only with the id, so no progress comes earlier.
    const onProgress = ({ unreadable = [], ...progress }: TicketProgress): void =>
      task.progress({
        ...progress,
        leftOut: unreadable.flatMap(({ entry, reason }) => {
          const file = files[entry];
          return file === undefined ? [] : [{ path: file.path.split('/'), reason }];
        }),
      });
    const entries = files.map(archiveEntry);
    const id = await tickets.grant(
      chosen.isArchive || only === undefined
        ? { kind: 'archive', name, source, entries, leftOut, listPath }
        : { ...this.#fileTicket(only.handle), disposition: 'attachment' },
      onProgress,
    );
    const task = this.#task(chosen, ids, () => tickets.revoke(id));
    this.#deps.transfers.add(task);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task.expire();
    }, START_LIMIT_MS);
    this.#timers.add(timer);
    return { ticketId: id, name };
  }

  /** Begins a download that the page puts together itself. */
  async openPageDownload(ids: readonly string[]): Promise<PageDownload> {
    const chosen = await this.#chosen(ids);
    const { files, name, isArchive, leftOut, listPath } = chosen;
    const id = ticketId(this.#deps.random);
    const task = this.#task(chosen, ids, () => this.#pageDownloads.delete(id));
    this.#pageDownloads.set(id, { files, isArchive, task, doneBytes: 0 });
    this.#deps.transfers.add(task);
    task.progress({ doneBytes: 0, state: 'running' });
    return {
      id,
      name,
      isArchive,
      leftOut: [...leftOut],
      listPath,
      files: files.map(({ archivePath, handle }) => ({
        path: archivePath,
        sizeBytes: handle.properties.sizeBytes,
        modifiedMs: archiveMillisecondsOf(handle.properties.modified),
        isFolder: handle.isDirectory,
      })),
    };
  }

  async readPageDownload(
    id: string,
    index: number,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const download = this.#pageDownloads.get(id);
    const file = download?.files[index];
    if (download === undefined || file === undefined) {
      throw new DOMException('The download was cancelled.', 'AbortError');
    }
    const reader = this.#reader(`${id}/${index}`, async () => file.handle);
    const bytes = await reader
      .then((opened) => readAll(opened, start, end, signal))
      .catch((error: unknown) => {
        if (!download.isArchive || !isUnreadable(error)) throw error;
        const { doneBytes, task } = download;
        const reason = error.message;
        task.progress({
          doneBytes,
          state: 'running',
          leftOut: [{ path: file.path.split('/'), reason }],
        });
        throw new FileLeftOut(reason);
      });
    download.doneBytes += bytes.length;
    download.task.progress({ doneBytes: download.doneBytes, state: 'running' });
    return bytes;
  }

  /** The page is through with it, or gave up for a reason. */
  closePageDownload(id: string, error: string | undefined): void {
    const download = this.#pageDownloads.get(id);
    this.#pageDownloads.delete(id);
    const { doneBytes = 0 } = download ?? {};
    download?.task.progress(
      error === undefined ? { doneBytes, state: 'done' } : { doneBytes, state: 'failed', error },
    );
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#readers.clear();
    this.#pageDownloads.clear();
  }

  #task({ files, leftOut, name }: Chosen, ids: readonly string[], stop: () => void): DownloadTask {
    const { entries, transfers, random, clock } = this.#deps;
    const [first] = ids;
    return new DownloadTask({
      id: ticketId(random),
      name,
      folderPath: first === undefined ? [] : entries.path(entries.item(first)).slice(0, -1),
      files: files
        .filter(({ handle }) => !handle.isDirectory)
        .map(({ path, handle }) => ({
          path: path.split('/'),
          sizeBytes: handle.properties.sizeBytes,
        })),
      leftOut: leftOut.map(({ path, reason }) => ({ path: path.split('/'), reason })),
      clock,
      stop,
      changed: transfers.changed,
    });
  }

  /** Everything below the chosen items. What cannot be opened is left out, unless it is all. */
  async #chosen(ids: readonly string[]): Promise<Chosen> {
    const { entries, folders } = this.#deps;
    const found: Found[] = [];
    const top: Found[] = [];
    let folderName = '';
    for (const { parent, items } of folders.groups(ids)) {
      folderName = entries.path(parent).at(-1) ?? parent.root;
      for (const [i, each] of (await folders.openMany(parent, items)).entries()) {
        const path = items[i]?.listed?.name ?? folderName;
        top.push({ path, found: each });
        for await (const below of this.#below({ path, found: each })) found.push(below);
      }
    }
    const [only] = top;
    if (only === undefined) throw new UnknownEntry();
    if (top.length > 1) return { name: `${folderName}.zip`, isArchive: true, ...inArchive(found) };
    if (only.found instanceof PyrgosError) throw only.found;
    const { name, isDirectory } = only.found;
    return {
      name: isDirectory ? `${name}.zip` : name,
      isArchive: isDirectory,
      ...inArchive(found),
    };
  }

  async *#below({ path, found }: Found): AsyncGenerator<Found, void, void> {
    if (found instanceof PyrgosError) {
      if (isNodeFailure(found)) throw found;
      return yield { path, found };
    }
    yield { path: found.isDirectory ? `${path}/` : path, found };
    if (!found.isDirectory) return;
    const { drive } = this.#deps;
    try {
      for await (const rows of drive.list(found)) {
        for (const [i, child] of (await drive.openMany(found, rows)).entries()) {
          yield* this.#below({ path: `${path}/${rows[i]?.name ?? ''}`, found: child });
        }
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // The rest of the folder cannot be listed; what came before and its neighbours can be saved.
      yield { path, found: error };
    }
  }

  #fileTicket(handle: Handle) {
    const { name, properties } = handle;
    const { source } = this.#deps;
    const capability = capabilityBytes(handle);
    return { kind: 'file', name, source, capability, mimeType: properties.mimeType } as const;
  }

  async #openFile(id: string, signal?: AbortSignal): Promise<Handle> {
    const { entries } = this.#deps;
    const handle = await entries.open(entries.item(id), signal);
    if (handle.isDirectory) throw new NotAFile(handle.name);
    return handle;
  }

  /** An open reader, so that neighbouring pieces of a file need not be opened anew. */
  #reader(key: string, open: () => Promise<Handle>): Promise<FileReader> {
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const reader = open().then((handle) => createFileReader(this.#deps.reader, handle.capability));
    reader.catch(() => this.#readers.delete(key));
    this.#readers.set(key, reader);
    return reader;
  }
}

/** Whether one file or folder is at fault, and not the node or this program. */
function isUnreadable(error: unknown): error is PyrgosError {
  return error instanceof PyrgosError && !isNodeFailure(error);
}

/** What can be saved, under paths that every system takes, and what cannot. */
function inArchive(found: readonly Found[]): Pick<Chosen, 'files' | 'leftOut' | 'listPath'> {
  const mapped = mapPaths([...found.map(({ path }) => path), LEFT_OUT_NAME], 'portable');
  const files: Saved[] = [];
  const leftOut: LeftOutPath[] = [];
  for (const [i, { path, found: each }] of found.entries()) {
    const archivePath = mapped[i] ?? path;
    if (each instanceof PyrgosError) leftOut.push({ path, reason: each.message });
    else if (!isZipPath(archivePath)) leftOut.push({ path, reason: TOO_DEEP });
    else files.push({ path, handle: each, archivePath });
  }
  return { files, leftOut, listPath: mapped.at(-1) ?? LEFT_OUT_NAME };
}

function archiveEntry({ archivePath, handle }: Saved): ArchiveEntry {
  const { sizeBytes, modified } = handle.properties;
  const base = { path: archivePath, sizeBytes, modifiedMs: archiveMillisecondsOf(modified) };
  return handle.isDirectory ? base : { ...base, capability: capabilityBytes(handle) };
}

function capabilityBytes(handle: Handle): Uint8Array {
  return encodeCbor(capabilityToCbor(readOnly(handle.link?.capability ?? handle.capability)));
}

async function readAll(
  reader: FileReader,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of reader.read(start, end, signal)) pieces.push(piece);
  return concat(...pieces);
}
