/**
 * Where films and documents were left, so that they go on from there. Paths are names, so the list is kept
 * sealed by the client, as routes in the address bar are: another account, or nobody signed in,
 * reads nothing in it.
 */
import type { Client } from '#lib/client/index.ts';
import { readPreference, writePreference } from '../app/preferences.ts';

const KEPT = 60;

/** What is left somewhere, and how near to its ends that is not worth coming back to. */
const LEFT = {
  film: { key: 'positions', edge: 10 },
  /** Pages before the one that is in sight. */
  document: { key: 'pages', edge: 0 },
} as const;

export class ResumePositions {
  readonly #client: Client | undefined;
  readonly #left: (typeof LEFT)[keyof typeof LEFT];
  #positions: Map<string, number> | undefined;

  /** Without a client that can seal them they are forgotten with the page. */
  constructor(client: Client | undefined, what: keyof typeof LEFT = 'film') {
    this.#client = client;
    this.#left = LEFT[what];
  }

  /** The second or page to go on from, 0 for the beginning. */
  async of(path: readonly string[]): Promise<number> {
    const positions = await this.#read();
    return positions.get(path.join('/')) ?? 0;
  }

  async remember(path: readonly string[], at: number, duration: number): Promise<void> {
    const positions = await this.#read();
    const key = path.join('/');
    positions.delete(key);
    const { edge } = this.#left;
    if (at > edge && at < duration - edge) positions.set(key, Math.floor(at));
    if (this.#client === undefined) return;
    const list = JSON.stringify([...positions].slice(-KEPT));
    writePreference(
      this.#left.key,
      await this.#client.sealRoute({ app: 'view', path: [], args: { list } }),
    );
  }

  async #read(): Promise<Map<string, number>> {
    if (this.#positions !== undefined) return this.#positions;
    const sealed = this.#client && readPreference(this.#left.key);
    const place = sealed === undefined ? undefined : await this.#client?.openRoute(sealed);
    this.#positions = parse(place?.args?.['list']);
    return this.#positions;
  }
}

function parse(list: string | undefined): Map<string, number> {
  const found = new Map<string, number>();
  try {
    const entries: unknown = JSON.parse(list ?? '[]');
    if (!Array.isArray(entries)) return found;
    for (const entry of entries as unknown[]) {
      if (!Array.isArray(entry)) continue;
      const [key, seconds] = entry as unknown[];
      if (typeof key === 'string' && typeof seconds === 'number') found.set(key, seconds);
    }
  } catch {
    // Written by another version: all begins at the beginning.
  }
  return found;
}
