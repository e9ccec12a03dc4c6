/**
 * Reading raw blocks, the fragments of files: from the object store where there is one, several in
 * one request where the node offers that, else one by one (B-1 §2.1).
 */
import { BLOCK_MAX_BYTES, cborMap, encodeCbor } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { NodeUnreachable, RateLimited } from '#lib/protocol/index.ts';
import { BLOCK_GET_BULK, BULK_GET_MAX_BLOCKS } from '../wire/extensions.ts';
import { abortable } from './abortable.ts';
import { BlockList } from './block-list.ts';
import type { DirectTransfer, RawRead } from './direct.ts';
import { Batcher } from './batcher.ts';
import type { Offered } from './server-extensions.ts';
import type { Transport } from './transport.ts';

export interface RawReadsDeps {
  readonly transport: Transport;
  readonly offered: Offered;
  readonly direct: DirectTransfer;
  /** Whether to ask for an object store at all. */
  readonly mayHaveStore: () => boolean;
  readonly getOne: (
    owner: KeyHash,
    block: RawRead,
    signal: AbortSignal | undefined,
  ) => Promise<UnverifiedBlock | undefined>;
}

interface Asked extends RawRead {
  readonly owner: KeyHash;
  readonly signal: AbortSignal;
  readonly answer: (block: Promise<UnverifiedBlock | undefined>) => void;
}

const ITEM_OVERHEAD_BYTES = 9;

export class RawReads {
  readonly #deps: RawReadsDeps;
  readonly #batcher = new Batcher<Asked>((asked) => this.#flush(asked));

  constructor(deps: RawReadsDeps) {
    this.#deps = deps;
  }

  get(owner: KeyHash, block: RawRead, signal: AbortSignal): Promise<UnverifiedBlock | undefined> {
    const { offered, mayHaveStore, getOne } = this.#deps;
    if (!offered.has('block-bulk') && !mayHaveStore()) return getOne(owner, block, signal);
    return new Promise((answer) => {
      this.#batcher.add({ owner, ...block, signal, answer });
    });
  }

  #flush(asked: readonly Asked[]): void {
    const byOwner = new Map<string, Asked[]>();
    for (const one of asked) {
      const key = one.owner.toString();
      const group = byOwner.get(key);
      if (group === undefined || group.length % BULK_GET_MAX_BLOCKS === 0) {
        if (group !== undefined) this.#ask(group);
        byOwner.set(key, [one]);
      } else group.push(one);
    }
    for (const group of byOwner.values()) this.#ask(group);
  }

  /** What fails together is asked for one by one, so that everybody gets his own error. */
  #ask(group: readonly Asked[]): void {
    const { owner } = group[0]!;
    const stop = new AbortController();
    let waiting = group.length;
    const together = this.#together(owner, group, stop.signal);
    for (const [i, one] of group.entries()) {
      const mine = together.then(
        (blocks) => blocks[i] ?? this.#deps.getOne(owner, one, one.signal),
        (error: unknown) => {
          if (error instanceof NodeUnreachable || error instanceof RateLimited) throw error;
          return this.#deps.getOne(owner, one, one.signal);
        },
      );
      const answer = abortable(mine, one.signal);
      const leave = (): void => {
        if (--waiting === 0) stop.abort();
      };
      answer.then(leave, leave);
      one.answer(answer);
    }
  }

  async #together(
    owner: KeyHash,
    group: readonly RawRead[],
    signal: AbortSignal,
  ): Promise<(UnverifiedBlock | undefined)[]> {
    const { direct, offered, mayHaveStore } = this.#deps;
    const none = group.map(() => undefined);
    const found = mayHaveStore() ? await direct.read(owner, group, signal) : none;
    const missing = found.flatMap((block, i) => (block === undefined ? [i] : []));
    if (missing.length < 2 || !offered.has('block-bulk')) return found;
    const answered = await this.#bulk(
      owner,
      missing.map((i) => group[i]!),
      signal,
    );
    const filled = [...found];
    for (const [n, i] of missing.entries()) filled[i] = answered[n];
    return filled;
  }

  async #bulk(
    owner: KeyHash,
    blocks: readonly RawRead[],
    signal: AbortSignal,
  ): Promise<(UnverifiedBlock | undefined)[]> {
    const what = 'The answer to a read of several blocks';
    let list = new BlockList(what, blocks.length);
    await this.#deps.transport.call({
      path: BLOCK_GET_BULK,
      query: [['owner', owner.toString()]],
      body: encodeCbor(blocks.map(rawReadToCbor)),
      priority: 'content',
      maxBytes: (blocks.length + 1) * (BLOCK_MAX_BYTES + ITEM_OVERHEAD_BYTES),
      into: () => (list = new BlockList(what, blocks.length)),
      signal,
    });
    return list
      .blocks()
      .map((block) => (block.length === 0 ? undefined : (block as UnverifiedBlock)));
  }
}

export function rawReadToCbor({ cid, bat }: RawRead) {
  return cborMap([
    ['h', cid.bytes],
    ['b', bat?.toCbor()],
  ]);
}
