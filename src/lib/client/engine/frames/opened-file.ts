/**
 * The one file that a viewer's frame may read and, where the user may, write. Everything the frame
 * says is hostile input: it can name no other file, and every read is bounded.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { bytesSource, createFileReader } from '#lib/drive/index.ts';
import type { Drive, FileReader, Handle, ReaderDeps } from '#lib/drive/index.ts';
import type { fileCalls } from '#lib/frames/index.ts';
import { READ_LIMIT_BYTES, SAVE_LIMIT_BYTES } from '#lib/frames/index.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** A frame asked for more at once than it may. */
export class FrameAsksTooMuch extends PyrgosError {
  override readonly name = 'FrameAsksTooMuch';
  override readonly kind = 'refused';
  constructor() {
    super('A viewer asked for too much at once.');
  }
}

export interface OpenedFileDeps {
  readonly drive: Drive;
  readonly reader: ReaderDeps;
  /** Opens the file as it is now. */
  readonly open: (signal?: AbortSignal) => Promise<Handle>;
  /** It was written. */
  readonly changed: () => void;
}

export class OpenedFile {
  readonly #deps: OpenedFileDeps;
  #handle: Handle | undefined;
  #reader: Promise<FileReader> | undefined;

  constructor(deps: OpenedFileDeps) {
    this.#deps = deps;
  }

  handlers(): Handlers<typeof fileCalls> {
    return {
      open: ({ signal }) => this.#open(signal),
      read: ({ signal }, start, end) => this.#read(start, end, signal),
      save: ({ signal }, bytes) => this.#save(bytes, signal),
      append: ({ signal }, bytes) => this.#append(bytes, signal),
      keepDraft: async () => undefined,
      dropDraft: async () => undefined,
      readBeside: async () => undefined,
    };
  }

  async #open(signal: AbortSignal) {
    const handle = await this.#deps.open(signal);
    this.#use(handle);
    const { name, properties, signer } = handle;
    const { mimeType, sizeBytes } = properties;
    return { name, mimeType, sizeBytes, writable: signer !== undefined };
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

  #use(handle: Handle): void {
    this.#handle = handle;
    this.#reader = undefined;
  }

  async #current(): Promise<Handle> {
    return (this.#handle ??= await this.#deps.open());
  }

  #opened(): Promise<FileReader> {
    return (this.#reader ??= this.#current().then(({ capability }) =>
      createFileReader(this.#deps.reader, capability),
    ));
  }
}
