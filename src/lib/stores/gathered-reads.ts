/**
 * Reads of blocks that are asked for at the same moment, as the fragments of a chunk are: one
 * question to the index, and one read of a file for those that lie side by side in it. For a browser
 * each costs about as much as reading a MiB.
 *
 * Blocks of one read share its buffer, each its own part of it.
 */
import type { BlockIndex } from './block-index.ts';
import type { BlockLocation } from './types.ts';
import type { SegmentFiles } from './segment-files.ts';

/** A chunk with its fragments and room to spare: more at once would only hold up the first. */
const RUN_MAX_BYTES = 8 * 1024 * 1024;

interface Waiting {
  readonly key: string;
  readonly resolve: (bytes: Uint8Array | undefined | Promise<Uint8Array | undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** One who waits for a block in a file. */
interface Placed {
  readonly place: BlockLocation;
  readonly waiting: Waiting;
}

export class GatheredReads {
  readonly #index: BlockIndex;
  readonly #files: SegmentFiles;
  #gathered: Waiting[] = [];

  constructor(index: BlockIndex, files: SegmentFiles) {
    this.#index = index;
    this.#files = files;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ key, resolve, reject });
      if (this.#gathered.length === 1) queueMicrotask(() => void this.#readGathered());
    });
  }

  async #readGathered(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = [];
    try {
      const found = await this.#index.findAll(gathered.map(({ key }) => key));
      const placed: Placed[] = [];
      gathered.forEach((waiting, i) => {
        const it = found[i];
        if (it === undefined || it instanceof Uint8Array) waiting.resolve(it);
        else placed.push({ place: it, waiting });
      });
      for (const run of runsOf(placed)) void this.#readRun(run);
    } catch (error) {
      for (const { reject } of gathered) reject(error);
    }
  }

  async #readRun(run: readonly Placed[]): Promise<void> {
    try {
      const [first, last] = [run[0]!.place, run.at(-1)!.place];
      const length = last.start + last.length - first.start;
      const bytes = await this.#files.read(first.segment, first.start, length);
      for (const { place, waiting } of run) {
        const start = place.start - first.start;
        const part = bytes?.subarray(start, start + place.length);
        waiting.resolve(part ?? this.#readAlone(waiting.key, place));
      }
    } catch (error) {
      for (const { waiting } of run) waiting.reject(error);
    }
  }

  /** A block may have moved between the question where it lies and the reading. */
  async #readAlone(key: string, place: BlockLocation): Promise<Uint8Array | undefined> {
    const bytes = await this.#files.read(place.segment, place.start, place.length);
    if (bytes !== undefined) return bytes;
    const [again] = await this.#index.findAll([key]);
    if (again === undefined || again instanceof Uint8Array) return again;
    return again.segment === place.segment ? undefined : this.#readAlone(key, again);
  }
}

/** Blocks that lie one after the other in one file, together. */
function runsOf(placed: readonly Placed[]): Placed[][] {
  const sorted = placed.toSorted(
    ({ place: a }, { place: b }) =>
      a.start - b.start || (a.segment < b.segment ? -1 : Number(a.segment > b.segment)),
  );
  const runs = new Map<string, Placed[][]>();
  for (const each of sorted) {
    const { segment, start, length } = each.place;
    const ofSegment = runs.get(segment) ?? [];
    runs.set(segment, ofSegment);
    const last = ofSegment.at(-1);
    const [from, to] = [last?.[0]?.place, last?.at(-1)?.place];
    const isNext = to !== undefined && to.start + to.length === start;
    const fits = from !== undefined && start + length - from.start <= RUN_MAX_BYTES;
    if (isNext && fits) last?.push(each);
    else ofSegment.push([each]);
  }
  return [...runs.values()].flat();
}
