/** The address a file is streamed from, asked for once and given back at the end. */
import type { Client, EntryId } from '#lib/client/index.ts';

/** A request that the browser had begun for a medium may still be on its way when the medium goes. */
const LAST_REQUEST_MS = 1_000;

export class Streamed {
  url = $state<string | undefined>(undefined);
  via = $state<'service-worker' | 'page'>('service-worker');
  failure = $state.raw<unknown>(undefined);
  #release: (() => void) | undefined;
  #stopped = false;

  /** @param mimeType what the bytes are; undefined: what their label says. */
  async open(client: Client, id: EntryId, mimeType: string | undefined): Promise<void> {
    try {
      const stream = await client.streamUrl(id, mimeType);
      if (this.#stopped) {
        stream.release();
        return;
      }
      this.#release = () => stream.release();
      this.via = stream.via;
      this.url = stream.url;
    } catch (error) {
      this.failure = error;
    }
  }

  /** The address is no longer asked for; it stops answering a moment later. */
  stop(): void {
    this.#stopped = true;
    if (this.#release !== undefined) setTimeout(this.#release, LAST_REQUEST_MS);
  }
}
