/**
 * Soft placeholders of pictures seen before, shown while a tile waits for its picture: on the way
 * back to a folder, or when rows that scrolled far away come again. They are made when nothing
 * else is to be done, one after the other, and forgotten with the session.
 */
import type { EntryId } from '#lib/client/index.ts';
import { tinyPicture } from './tiny-picture.ts';

/** Of a few hundred bytes each. */
const KEPT = 5_000;
/** Where a browser does not say that it has nothing to do. */
const PAUSE_MS = 200;

interface Seen {
  readonly picture: Blob;
  readonly width: number;
  readonly height: number;
}

export class Placeholders {
  readonly #made = new Map<EntryId, { picture: Blob; url: string | undefined }>();
  readonly #waiting = new Map<EntryId, Seen>();
  #working = false;

  /** The address of one, if there is one. */
  get(id: EntryId): string | undefined {
    return this.#made.get(id)?.url;
  }

  /** Notes a picture that is on screen, and its size. */
  note(id: EntryId, picture: Blob, width: number, height: number): void {
    if (this.#made.get(id)?.picture === picture || width === 0 || height === 0) return;
    this.#waiting.set(id, { picture, width, height });
    if (this.#working) return;
    this.#working = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    for (const [id, { picture, width, height }] of this.#waiting) {
      await idle();
      const url = await tinyPicture(picture, width, height);
      this.#waiting.delete(id);
      this.#made.delete(id);
      this.#made.set(id, { picture, url });
      if (this.#made.size > KEPT) this.#made.delete(this.#made.keys().next().value!);
    }
    this.#working = false;
  }
}

function idle(): Promise<unknown> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(resolve);
    else setTimeout(resolve, PAUSE_MS);
  });
}
