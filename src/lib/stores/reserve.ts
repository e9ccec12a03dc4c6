/**
 * A few MiB kept for the moment when the medium is full to the last byte: deleting writes a little
 * before it frees anything, and a browser then refuses even that. Records and blocks for a change
 * may use the room; content may not, and is refused until it is kept again.
 */
import type { Connection } from './indexeddb-connection.ts';
import type { SegmentFiles } from './segment-files.ts';
import { StoreFull } from './types.ts';

const NAME = 'reserve';
/** Moving things to the trash and emptying it takes some 100 KiB, dozens of small changes fit. */
export const RESERVE_BYTES = 4 * 1024 * 1024;

/** Where the room is kept, and how. */
export interface ReservePlace extends Pick<SegmentFiles, 'create' | 'sizeOf' | 'remove'> {
  /** How long after the removal the room may still be missing. */
  readonly freedWithinMs?: number;
}

const PAUSE_MS = 500;

export class Reserve {
  readonly #place: ReservePlace;
  #restoring: Promise<void> | undefined;

  constructor(place: ReservePlace) {
    this.#place = place;
  }

  async isKept(): Promise<boolean> {
    return (await this.#place.sizeOf(NAME)) === RESERVE_BYTES;
  }

  /** Does a small piece of work; should the medium be full, once more in the room kept for it. */
  async backing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreFull) || !(await this.#giveUp())) throw error;
    }
    const pauses = Math.ceil((this.#place.freedWithinMs ?? 0) / PAUSE_MS);
    for (let paused = 0; ; paused++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StoreFull) || paused >= pauses) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Keeps the room again if it is not kept. Throws {@link StoreFull}. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore().finally(() => (this.#restoring = undefined));
    return this.#restoring;
  }

  async #restore(): Promise<void> {
    const sizeBytes = await this.#place.sizeOf(NAME);
    if (sizeBytes === RESERVE_BYTES) return;
    if (sizeBytes !== undefined) await this.#place.remove(NAME);
    await this.#place.create(NAME, [new Uint8Array(RESERVE_BYTES)]);
  }

  async #giveUp(): Promise<boolean> {
    if ((await this.#place.sizeOf(NAME)) === undefined) return false;
    await this.#place.remove(NAME);
    return true;
  }
}

/** Browsers remove the bytes of a large value some seconds after the value. */
const VALUE_FREED_MS = 5_000;

/** A value of the database, for a browser without files. It is no block: no key of one is like it. */
export function reserveInDatabase(connection: Connection): ReservePlace {
  return {
    freedWithinMs: VALUE_FREED_MS,
    create: (name, [bytes]) =>
      connection.write(['blocks'], 'relaxed', async (tx) => {
        await tx.objectStore('blocks').put(bytes ?? new Uint8Array(), name);
      }),
    sizeOf: (name) =>
      connection.read(['blocks'], async (tx) => {
        const isThere = (await tx.objectStore('blocks').count(name)) > 0;
        return isThere ? RESERVE_BYTES : undefined;
      }),
    remove: (name) =>
      connection.write(['blocks'], 'relaxed', (tx) => tx.objectStore('blocks').delete(name)),
  };
}
