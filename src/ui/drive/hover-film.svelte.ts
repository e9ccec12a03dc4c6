/**
 * A film that plays in its tile while a mouse rests on it: without sound, from its beginning, one
 * at a time, and never where somebody asked for less motion or fewer bytes. It is read through a
 * ticket as in the viewer, which is given back when the mouse leaves.
 */
import type { Client, EntryId } from '#lib/client/index.ts';
import { Streamed } from '../viewers/streamed.svelte.ts';

/** A mouse on its way to somewhere else does not rest this long. */
const REST_MS = 600;

export class HoverFilm {
  readonly #client: Client;
  #over: EntryId | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #playing = $state.raw<{ readonly id: EntryId; readonly stream: Streamed } | undefined>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Where the film of a tile is to be played from, if it is to be played now. */
  url(id: EntryId): string | undefined {
    const playing = this.#playing;
    return playing?.id === id ? playing.stream.url : undefined;
  }

  /** A pointer came over the tile of a film. */
  enter(id: EntryId, { pointerType }: PointerEvent): void {
    this.stop();
    if (pointerType === 'touch' || !allowsHoverFilms()) return;
    this.#over = id;
    this.#timer = setTimeout(() => void this.#play(id), REST_MS);
  }

  /** The pointer left this tile, or the tile is gone. */
  leave(id: EntryId): void {
    if (this.#over === id) this.stop();
  }

  /** Ends what plays or was about to. */
  stop(): void {
    this.#over = undefined;
    clearTimeout(this.#timer);
    this.#playing?.stream.stop();
    this.#playing = undefined;
  }

  async #play(id: EntryId): Promise<void> {
    // Where nothing answers ranges a film would be read as a whole.
    if (!(await this.#client.canStream()) || this.#over !== id) return;
    const stream = new Streamed();
    this.#playing = { id, stream };
    await stream.open(this.#client, id, undefined);
  }
}

interface Connection {
  readonly saveData?: boolean;
}

/** Asked each time: a person may change it meanwhile. */
function allowsHoverFilms(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: Connection };
  const isMouse = matchMedia('(hover: hover) and (pointer: fine)').matches;
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return isMouse && !isCalm && connection?.saveData !== true;
}
