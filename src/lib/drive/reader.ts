/**
 * Reading a file by ranges (A-8 §7): only the chunks a range touches are fetched, the chunk after
 * the one being delivered is fetched and opened meanwhile, and nothing leaves here unverified.
 *
 * A reader holds one snapshot. Blocks of an old state may be collected under it (A-10 §6); then it
 * looks again once, and goes on if the file is still the one it opened. Imports little: it runs in
 * the service worker.
 */
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import { chunkCount, type Capability, type FileProperties } from '#lib/cryptree/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { isAbort } from './abort.ts';
import { mapAhead } from './ahead.ts';
import { fileOf, readChunk, type OpenFile } from './content.ts';
import { isSameContent } from './content-version.ts';
import { DanglingEntry, FileChangedWhileReading, FileDamaged, NotAFile } from './errors.ts';
import { openTarget } from './open.ts';
import type { ReaderDeps } from './types.ts';

/**
 * Chunks being fetched, waiting or in the caller's hands. A read begins with one, so that a player
 * that seeks waits for no other, and comes to this many as it goes on.
 */
const LOOK_AHEAD_CHUNKS = 3;
/** What is copied at once of a chunk that is kept. */
const COPY_BYTES = 256 * 1024;

export interface FileReader {
  readonly properties: FileProperties;
  readonly sizeBytes: number;
  /**
   * Bytes [start, end) as pieces of at most one chunk. Bounds beyond the file are cut to it.
   * @throws FileDamaged at the first chunk that is missing or fails its checks
   */
  read(start?: number, end?: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

/**
 * A reader for the file a capability opens; a link node before it is followed.
 * @throws DanglingEntry when nothing lies there; NotAFile for a directory
 */
export async function createFileReader(
  deps: ReaderDeps,
  capability: Capability,
  signal?: AbortSignal,
): Promise<FileReader> {
  const state = await openState(deps, capability, signal);
  return new ChunkedReader(deps, capability, state);
}

interface State {
  readonly snapshot: Snapshot;
  readonly file: OpenFile;
}

async function openState(
  deps: ReaderDeps,
  capability: Capability,
  signal?: AbortSignal,
): Promise<State> {
  const snapshot = new Snapshot(deps, capability.owner);
  const target = await openTarget(snapshot, capability, signal);
  if (!target) throw new DanglingEntry('this file');
  if (target.node.kind !== 'file') throw new NotAFile(target.name);
  return { snapshot, file: fileOf(target.node) };
}

class ChunkedReader implements FileReader {
  readonly properties: FileProperties;
  readonly sizeBytes: number;
  readonly #deps: ReaderDeps;
  readonly #capability: Capability;
  readonly #chunkBytes: number;
  #state: State;
  #refreshing: Promise<State> | undefined;
  /** The chunk last read in part: players ask for its other parts next. */
  #partial: { index: number; bytes: Promise<Uint8Array> } | undefined;

  constructor(deps: ReaderDeps, capability: Capability, state: State) {
    this.#deps = deps;
    this.#capability = capability;
    this.#state = state;
    this.#chunkBytes = deps.chunkBytes ?? CHUNK_BYTES;
    this.properties = state.file.first.properties;
    this.sizeBytes = state.file.sizeBytes;
  }

  async *read(
    start = 0,
    end = this.sizeBytes,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const from = Math.max(0, start);
    const to = Math.min(end, this.sizeBytes);
    if (from >= to) return;
    const first = Math.floor(from / this.#chunkBytes);
    const count = chunkCount(to, this.#chunkBytes) - first;
    const indexes = Array.from({ length: count }, (_, i) => first + i);
    const piece = async (index: number, inner: AbortSignal) => {
      const offset = index * this.#chunkBytes;
      return this.#part(index, Math.max(from - offset, 0), to - offset, inner);
    };
    for await (const part of mapAhead(indexes, LOOK_AHEAD_CHUNKS, piece, signal, 1)) {
      yield* handedOut(part);
    }
  }

  /** Bytes [start, end) of one chunk. A partly wanted chunk is kept whole, and copied from. */
  async #part(index: number, start: number, end: number, signal: AbortSignal): Promise<Part> {
    const length = Math.min(this.#chunkBytes, this.sizeBytes - index * this.#chunkBytes);
    const isWhole = start === 0 && end >= length;
    if (this.#partial?.index === index) {
      const kept = await this.#partial.bytes.catch(() => undefined);
      signal.throwIfAborted();
      if (kept) return { bytes: kept.subarray(start, end), isKept: true };
    }
    const reading = this.#chunk(index, signal);
    if (isWhole) return { bytes: await reading, isKept: false };
    const partial = { index, bytes: reading };
    this.#partial = partial;
    try {
      return { bytes: (await reading).subarray(start, end), isKept: true };
    } catch (error) {
      if (this.#partial === partial) this.#partial = undefined;
      throw error;
    }
  }

  async #chunk(index: number, signal: AbortSignal): Promise<Uint8Array> {
    const state = this.#state;
    try {
      return await this.#readFrom(state, index, signal);
    } catch (error) {
      if (isAbort(error, signal) || !(error instanceof FileDamaged)) throw error;
      const fresh = await this.#refresh(state);
      return this.#readFrom(fresh, index, signal);
    }
  }

  #readFrom(state: State, index: number, signal: AbortSignal): Promise<Uint8Array> {
    return readChunk(state.snapshot, this.#deps, state.file, index, this.#chunkBytes, signal);
  }

  /** The present state, looked up once for however many chunks failed on `stale`. */
  async #refresh(stale: State): Promise<State> {
    if (this.#state !== stale) return this.#state;
    this.#refreshing ??= openState(this.#deps, this.#capability).finally(() => {
      this.#refreshing = undefined;
    });
    const fresh = await this.#refreshing;
    if (!isSameContent(this.properties, fresh.file.first.properties)) {
      throw new FileChangedWhileReading();
    }
    this.#state = fresh;
    return fresh;
  }
}

/** Part of a chunk; if the reader keeps it, it may only be handed out in copies. */
interface Part {
  readonly bytes: Uint8Array;
  readonly isKept: boolean;
}

/** Copies are made as they are asked for: a player that seeks on takes the first few and leaves. */
function* handedOut({ bytes, isKept }: Part): Generator<Uint8Array, void, void> {
  if (!isKept) yield bytes;
  else {
    for (let start = 0; start < bytes.length; start += COPY_BYTES) {
      yield bytes.slice(start, start + COPY_BYTES);
    }
  }
}
