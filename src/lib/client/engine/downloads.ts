/**
 * Showing and saving files: tickets for the service worker, or pieces for the page where there is
 * none. What leaves the engine is a read-only capability of one file, or bytes; never more.
 */
import { concat, PyrgosError, type Random } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { capabilityToCbor, readOnly } from '#lib/cryptree/index.ts';
import {
  createFileReader,
  NotAFile,
  type Drive,
  type FileReader,
  type Handle,
  type ReaderDeps,
} from '#lib/drive/index.ts';
import { ticketId, type ArchiveEntry, type NodeSource } from '#lib/tickets/index.ts';
import type { PageDownload } from '../wire/protocol.ts';
import { DownloadTask } from './download-task.ts';
import { UnknownEntry, type Entries } from './entries.ts';
import type { Folders } from './folders.ts';
import type { TicketOffice, TicketProgress } from './ticket-office.ts';
import { HEADER_BYTES, pictureSize, type PictureSize } from './thumbnails/picture-size.ts';
import { archiveMillisecondsOf } from './times.ts';
import type { Transfers } from './transfers.ts';

/** Readers kept open between pieces; each may hold one chunk of 5 MiB. */
const OPEN_READERS = 4;
/** How long a browser may take to begin a download; some ask the person where to put it. */
const START_LIMIT_MS = 120_000;

export interface DownloadsDeps {
  readonly drive: Drive;
  readonly reader: ReaderDeps;
  readonly entries: Entries;
  readonly folders: Folders;
  readonly transfers: Transfers;
  readonly tickets: TicketOffice;
  /** Where the service worker reads the blocks from. */
  readonly source: NodeSource;
  readonly username: string;
  readonly random: Random;
  readonly clock: () => number;
}

/** A file or folder to save, with its path in the archive. */
interface Saved {
  readonly path: string;
  readonly handle: Handle;
}

interface OpenPageDownload {
  readonly files: readonly Saved[];
  readonly task: DownloadTask;
  doneBytes: number;
}

export class Downloads {
  readonly #deps: DownloadsDeps;
  readonly #readers = new Map<string, Promise<FileReader>>();
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

  /** The beginning of a file as text, up to a number of bytes. */
  async readText(id: string, limitBytes: number): Promise<{ text: string; truncated: boolean }> {
    const reader = await this.#reader(id, () => this.#openFile(id));
    const truncated = reader.sizeBytes > limitBytes;
    const bytes = await readAll(reader, 0, limitBytes);
    // A character cut in two at the limit is left out; damage inside shows as a replacement sign.
    return { text: new TextDecoder().decode(bytes, { stream: truncated }), truncated };
  }

  /** How many pixels a picture says it has, where its first bytes say so. */
  async pictureSize(id: string, signal?: AbortSignal): Promise<PictureSize | undefined> {
    return pictureSize(await this.readBytes(id, 0, HEADER_BYTES, signal));
  }

  /** A ticket for showing one file in the page. */
  async grantStream(
    id: string,
  ): Promise<{ ticketId: string; mimeType: string; sizeBytes: number }> {
    const handle = await this.#openFile(id);
    const { mimeType, sizeBytes } = handle.properties;
    const granted = await this.#deps.tickets.grant({
      ...this.#fileTicket(handle),
      disposition: 'inline',
    });
    return { ticketId: granted, mimeType, sizeBytes };
  }

  /** A ticket for saving: one file as itself, anything else as an archive. */
  async grantDownload(ids: readonly string[]): Promise<{ ticketId: string; name: string }> {
    const { tickets, source } = this.#deps;
    const chosen = await this.#chosen(ids);
    const { name, files } = chosen;
    const [only] = files;
    // Nobody can ask for the bytes before the id is known, so no progress comes earlier.
    const onProgress = (progress: TicketProgress): void => task.progress(progress);
    const id = await tickets.grant(
      chosen.isArchive || only === undefined
        ? { kind: 'archive', name, source, entries: files.map(archiveEntry) }
        : { ...this.#fileTicket(only.handle), disposition: 'attachment' },
      onProgress,
    );
    const task = this.#task(files, name, ids, () => tickets.revoke(id));
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
    const { files, name } = await this.#chosen(ids);
    const id = ticketId(this.#deps.random);
    const task = this.#task(files, name, ids, () => this.#pageDownloads.delete(id));
    this.#pageDownloads.set(id, { files, task, doneBytes: 0 });
    this.#deps.transfers.add(task);
    task.progress({ doneBytes: 0, state: 'running' });
    return {
      id,
      name,
      files: files.map(({ path, handle }) => ({
        path,
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
    const reader = await this.#reader(`${id}/${index}`, async () => file.handle);
    const bytes = await readAll(reader, start, end, signal);
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

  #task(
    files: readonly Saved[],
    name: string,
    ids: readonly string[],
    stop: () => void,
  ): DownloadTask {
    const { entries, transfers, random, clock } = this.#deps;
    const first = ids[0] === undefined ? entries.home : entries.item(ids[0]);
    return new DownloadTask({
      id: ticketId(random),
      name,
      folderPath: entries.path(first).slice(0, -1),
      files: files
        .filter(({ handle }) => !handle.isDirectory)
        .map(({ path, handle }) => ({
          path: path.split('/'),
          sizeBytes: handle.properties.sizeBytes,
        })),
      clock,
      stop,
      changed: transfers.changed,
    });
  }

  /** Everything below the chosen items, with paths inside an archive. */
  async #chosen(
    ids: readonly string[],
  ): Promise<{ name: string; isArchive: boolean; files: Saved[] }> {
    const { entries, folders, username } = this.#deps;
    const files: Saved[] = [];
    const top: Handle[] = [];
    let folderName = username;
    for (const { parent, items } of folders.groups(ids)) {
      folderName = entries.path(parent).at(-1) ?? username;
      for (const handle of await folders.openMany(parent, items)) {
        if (handle instanceof PyrgosError) throw handle;
        top.push(handle);
        for await (const saved of this.#below(handle, handle.name)) files.push(saved);
      }
    }
    const [only] = top;
    if (only === undefined) throw new UnknownEntry();
    if (top.length > 1) return { name: `${folderName}.zip`, isArchive: true, files };
    return only.isDirectory
      ? { name: `${only.name}.zip`, isArchive: true, files }
      : { name: only.name, isArchive: false, files };
  }

  async *#below(handle: Handle, path: string): AsyncGenerator<Saved, void, void> {
    yield { path: handle.isDirectory ? `${path}/` : path, handle };
    if (!handle.isDirectory) return;
    const { drive } = this.#deps;
    for await (const rows of drive.list(handle)) {
      for (const child of await drive.openMany(handle, rows)) {
        // What cannot be opened cannot be saved; its neighbours can.
        if (!(child instanceof PyrgosError)) yield* this.#below(child, `${path}/${child.name}`);
      }
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
    this.#readers.delete(key);
    const reader =
      known ?? open().then((handle) => createFileReader(this.#deps.reader, handle.capability));
    reader.catch(() => this.#readers.delete(key));
    this.#readers.set(key, reader);
    for (const oldest of this.#readers.keys()) {
      if (this.#readers.size <= OPEN_READERS) break;
      this.#readers.delete(oldest);
    }
    return reader;
  }
}

function archiveEntry({ path, handle }: Saved): ArchiveEntry {
  const { sizeBytes, modified } = handle.properties;
  const base = { path, sizeBytes, modifiedMs: archiveMillisecondsOf(modified) };
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
