/**
 * The one file that a viewer's frame may read and, where the user may, write. Everything the frame
 * says is hostile input: it can name no other file but media beside it, and every read is bounded.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  bytesSource,
  createFileReader,
  freeName,
  placeKey,
  TRASH_FOLDER,
} from '#lib/drive/index.ts';
import type { Drive, FileReader, Handle, ReaderDeps } from '#lib/drive/index.ts';
import type { fileCalls } from '#lib/frames/index.ts';
import { READ_LIMIT_BYTES, SAVE_LIMIT_BYTES } from '#lib/frames/index.ts';
import type { Handlers } from '#lib/rpc/index.ts';
import { isAbsent, mediumPath, readMedium, type Medium } from './beside.ts';
import type { Drafts } from './drafts.ts';
import { safeName } from './safe-name.ts';

/** A frame asked for more at once than it may. */
export class FrameAsksTooMuch extends PyrgosError {
  override readonly name = 'FrameAsksTooMuch';
  override readonly kind = 'refused';
  constructor() {
    super('A viewer asked for too much at once.');
  }
}

/** Copies beside the file that one frame may make. */
const MOST_COPIES = 20;
/** Files beside it that are read at once. */
const MOST_AT_ONCE = 64;

export interface OpenedFileDeps {
  readonly drive: Drive;
  readonly reader: ReaderDeps;
  readonly drafts: Drafts;
  /** Opens the file as it is now. */
  readonly open: (signal?: AbortSignal) => Promise<Handle>;
  /** Names from the root of its tree down to its folder. */
  readonly folderPath: () => readonly string[];
  /** Opens what lies at a path. */
  readonly openPath: (path: readonly string[], signal?: AbortSignal) => Promise<Handle>;
  /** It was written. */
  readonly changed: () => void;
  /** Something came into its folder. */
  readonly added: (name: string) => void;
}

export class OpenedFile {
  readonly #deps: OpenedFileDeps;
  #handle: Handle | undefined;
  #reader: Promise<FileReader> | undefined;
  #copies = 0;
  #reading = 0;

  constructor(deps: OpenedFileDeps) {
    this.#deps = deps;
  }

  handlers(): Handlers<typeof fileCalls> {
    return {
      open: ({ signal }) => this.#open(signal),
      read: ({ signal }, start, end) => this.#read(start, end, signal),
      save: ({ signal }, bytes) => this.#save(bytes, signal),
      append: ({ signal }, bytes) => this.#append(bytes, signal),
      saveCopy: ({ signal }, bytes) => this.#saveCopy(bytes, signal),
      saveFound: ({ signal }, name, bytes) => this.#saveNew(safeName(name), bytes, signal),
      keepDraft: async (_context, bytes) => this.#deps.drafts.keep(await this.#identity(), bytes),
      dropDraft: async () => this.#deps.drafts.drop(await this.#identity()),
      readBeside: ({ signal }, path) => this.#readBeside(path, signal),
    };
  }

  async #open(signal: AbortSignal) {
    const handle = await this.#deps.open(signal);
    this.#use(handle);
    const { name, properties, signer, parent } = handle;
    const { mimeType, sizeBytes } = properties;
    // A browser that cannot keep anything opens files all the same.
    const draft = await this.#deps.drafts.read(identityOf(handle)).catch(() => undefined);
    return {
      name,
      mimeType,
      sizeBytes,
      writable: signer !== undefined && !this.#isInTrash(),
      copies: parent?.signer !== undefined && !this.#isInTrash(),
      ...(draft === undefined ? {} : { draft }),
    };
  }

  /** What was thrown away is looked at, and changed once it is restored. */
  #isInTrash(): boolean {
    return this.#deps.folderPath()[1] === TRASH_FOLDER;
  }

  async #read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    if (end < start || end - start > READ_LIMIT_BYTES) throw new FrameAsksTooMuch();
    const reader = await this.#opened();
    const to = Math.min(end, reader.sizeBytes);
    const bytes = new Uint8Array(Math.max(0, to - start));
    let at = 0;
    for await (const piece of reader.read(Math.min(start, to), to, signal)) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  async #save(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length > SAVE_LIMIT_BYTES) throw new FrameAsksTooMuch();
    const { drive, changed } = this.#deps;
    const file = await this.#current();
    const source = bytesSource(bytes);
    this.#use(await drive.replaceContent(file, source, { signal, unchangedSince: file }));
    changed();
  }

  async #append(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length > SAVE_LIMIT_BYTES) throw new FrameAsksTooMuch();
    const { drive, changed } = this.#deps;
    const file = await this.#current();
    const source = bytesSource(bytes);
    this.#use(await drive.append(file, source, { signal, unchangedSince: file }));
    changed();
  }

  /** Under the file's own name, or the next free one like it. */
  async #saveCopy(bytes: Uint8Array, signal: AbortSignal): Promise<string> {
    return this.#saveNew((await this.#current()).name, bytes, signal);
  }

  /** In the folder of the file, under this name or the next free one like it. */
  async #saveNew(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<string> {
    if (this.#isInTrash()) throw new FrameAsksTooMuch();
    if (bytes.length > SAVE_LIMIT_BYTES || ++this.#copies > MOST_COPIES) {
      throw new FrameAsksTooMuch();
    }
    const { drive, added, folderPath, openPath } = this.#deps;
    const folder = await openPath(folderPath(), signal);
    const taken = new Set<string>();
    for await (const rows of drive.list(folder, { signal })) {
      for (const row of rows) taken.add(row.name);
    }
    const copy = freeName(name, (candidate) => taken.has(candidate));
    const items = [{ path: [copy], source: bytesSource(bytes) }];
    // Where somebody takes the name in this moment, it fails: nothing is overwritten.
    await drive.upload(folder, items, { signal });
    added(copy);
    return copy;
  }

  async #readBeside(relative: string, signal: AbortSignal): Promise<Medium | undefined> {
    const path = mediumPath(this.#deps.folderPath(), relative);
    if (path === undefined) return undefined;
    if (this.#reading >= MOST_AT_ONCE) throw new FrameAsksTooMuch();
    this.#reading += 1;
    try {
      const handle = await this.#deps.openPath(path, signal);
      return await readMedium(this.#deps.reader, handle, signal);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    } finally {
      this.#reading -= 1;
    }
  }

  #use(handle: Handle): void {
    this.#handle = handle;
    this.#reader = undefined;
  }

  async #current(): Promise<Handle> {
    return (this.#handle ??= await this.#deps.open());
  }

  async #identity(): Promise<string> {
    return identityOf(await this.#current());
  }

  #opened(): Promise<FileReader> {
    return (this.#reader ??= this.#current().then(({ capability }) =>
      createFileReader(this.#deps.reader, capability),
    ));
  }
}

/** What stays the same of a file when it is renamed, moved or written. */
function identityOf({ capability }: Handle): string {
  return placeKey(capability);
}
