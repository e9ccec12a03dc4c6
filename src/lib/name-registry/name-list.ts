/**
 * The list of all names, ready to be sent: compressed once for everybody, and made anew at most once
 * a minute however often names are added. What a newer state adds is found by walking from the state
 * of the list to that one, so that only the first list reads the whole tree.
 */
import { fromUtf8, toHex, utf8 } from '#lib/bytes/index.ts';
import { followGrowth } from '#lib/champ/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import type { UsernameList } from '#lib/node/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { RegistryIncomplete, RegistryUnknown } from './errors.ts';
import { namesIn } from './look-up.ts';
import { readBlock, readRoot } from './records.ts';

const MADE_AT_MOST_EVERY_MS = 60_000;
const PARALLEL_READS = 8;

interface Made {
  readonly root: Cid;
  readonly madeMs: number;
  /** The names as elements of a JSON array, without the brackets. */
  readonly elements: readonly string[];
  readonly list: UsernameList;
}

export class NameList {
  readonly #records: RecordStore;
  readonly #clock: () => number;
  #made: Made | undefined;
  #making: Promise<Made> | undefined;

  constructor(records: RecordStore, clock: () => number) {
    this.#records = records;
    this.#clock = clock;
  }

  /** Throws {@link RegistryUnknown} before the first state. */
  async get(): Promise<UsernameList> {
    const made = this.#made;
    if (made !== undefined && this.#clock() - made.madeMs < MADE_AT_MOST_EVERY_MS) return made.list;
    this.#making ??= this.#make(made).finally(() => (this.#making = undefined));
    this.#made = await this.#making;
    return this.#made.list;
  }

  async #make(before: Made | undefined): Promise<Made> {
    const { value } = await readRoot(this.#records);
    if (value === undefined) throw new RegistryUnknown();
    const { root } = value;
    const madeMs = this.#clock();
    if (before?.root.equals(root) === true) return { ...before, madeMs };
    const elements = await this.#elements(before, root);
    const list = { gzip: await compressed(elements), version: root.toString() };
    return { root, madeMs, elements, list };
  }

  /** A state that was taken after the list's has all its names, unless the list's is not kept any more. */
  async #elements(before: Made | undefined, root: Cid): Promise<string[]> {
    if (before !== undefined) {
      try {
        return [...before.elements, elementsOf(await this.#added(before.root, root))].filter(
          Boolean,
        );
      } catch (error) {
        if (!(error instanceof RegistryIncomplete)) throw error;
      }
    }
    const elements: string[] = [];
    const some: string[] = [];
    for await (const name of namesIn(this.#records, root)) {
      some.push(name);
      if (some.length === NAMES_AN_ELEMENT) elements.push(elementsOf(some.splice(0)));
    }
    if (some.length > 0) elements.push(elementsOf(some));
    return elements;
  }

  async #added(from: Cid, to: Cid): Promise<string[]> {
    const names: string[] = [];
    const load = async (cid: Cid): Promise<Uint8Array> => {
      const bytes = await readBlock(this.#records, cid);
      if (bytes === undefined) throw new RegistryIncomplete();
      return bytes;
    };
    await followGrowth(from, to, {
      keyHash: 'blake2b-512',
      parallel: PARALLEL_READS,
      loadOld: load,
      loadNew: load,
      added: () => Promise.resolve(),
      replaced: () => undefined,
      entry: async ({ key, oldValue }) => {
        if (oldValue === undefined) names.push(fromUtf8(key));
      },
    });
    return names;
  }
}

/** Names are held as text of many together, which takes less memory than each by itself. */
const NAMES_AN_ELEMENT = 1000;

function elementsOf(names: readonly string[]): string {
  return JSON.stringify(names).slice(1, -1);
}

/** A list of names that came from elsewhere. */
export async function usernameListOf(names: readonly string[]): Promise<UsernameList> {
  const elements = [elementsOf(names)];
  const version = toHex(sha256Now(utf8(elements.join())));
  return { gzip: await compressed(elements), version };
}

async function compressed(elements: readonly string[]): Promise<Uint8Array> {
  const body = new Blob(['[', elements.join(','), ']']).stream();
  const stream = body.pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
