/** Blocks and rows as the counting of what is reached looks at them, see accounting.ts. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { CODEC, decodeCbor, linksOf } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { listTransactions } from './deletion.ts';
import { blockKey } from './records.ts';

/** Blocks and rows read at once. */
const WIDTH = 16;

/** A block as far as counting goes. `sizeBytes` is absent for one that is not stored. */
export interface Seen {
  readonly sizeBytes: number | undefined;
  readonly links: readonly Cid[];
}

/** Reads blocks for counting, each once. */
export class Inspector {
  readonly #deps: LocalNodeDeps;
  readonly #owner: KeyHash;
  readonly #seen = new Map<string, Promise<Seen>>();
  #announced: Promise<ReadonlyMap<string, number>> | undefined;

  constructor(deps: LocalNodeDeps, owner: KeyHash) {
    this.#deps = deps;
    this.#owner = owner;
  }

  see(cid: Cid): Promise<Seen> {
    const key = cid.toString();
    let seen = this.#seen.get(key);
    if (seen === undefined) this.#seen.set(key, (seen = this.#inspect(cid)));
    return seen;
  }

  /** A block that is damaged counts as one that is missing. */
  async #inspect(cid: Cid): Promise<Seen> {
    if (cid.codec !== CODEC.dagCbor) return { sizeBytes: await this.#sizeOf(cid), links: [] };
    try {
      const bytes = await loadVerified(this.#deps, this.#owner, cid);
      if (bytes === undefined) return NOT_STORED;
      return { sizeBytes: bytes.length, links: linksOf(decodeCbor(bytes)) };
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      return NOT_STORED;
    }
  }

  async #sizeOf(cid: Cid): Promise<number | undefined> {
    const known = (await this.#sizes()).get(cid.toString());
    if (known !== undefined) return known;
    const key = blockKey(this.#owner, cid);
    const [listed] = await this.#deps.blocks.list(key, undefined, 1);
    return listed?.key === key ? listed.sizeBytes : undefined;
  }

  /** What open transactions brought, so that no store is asked for it. */
  #sizes(): Promise<ReadonlyMap<string, number>> {
    this.#announced ??= listTransactions(this.#deps, this.#owner).then((open) => {
      const blocks = open.flatMap(({ record }) => record.blocks);
      return new Map(blocks.map(({ cid, sizeBytes }) => [cid.toString(), sizeBytes]));
    });
    return this.#announced;
  }
}

const NOT_STORED: Seen = { sizeBytes: undefined, links: [] };

/** Key of a block's row in the count of that name. */
export function reachedKey(owner: KeyHash, count: string, cid: Cid): string {
  return `${owner.toString()}/${count}/${cid.toString()}`;
}

/** Works on a few items at a time. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const open = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = open.pop(); item !== undefined; item = open.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, worker));
}
