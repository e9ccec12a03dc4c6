/**
 * Making a commit visible (A-10 §2, §3): upload what the new states need, move the pointers, close
 * the transaction.
 *
 * Invariants: a pointer moves only after every block its new target leads to was acknowledged under
 * a transaction that is still open; blocks are signed only by writers the node knows at that time;
 * without a new writer all pointers move in one atomic batch, and with one all that move anything
 * that can be seen: what dies before leaves a writer that nothing leads to.
 */
import { ChampTree, ownedKeyChampKey, type LoadBlock } from '#lib/champ/index.ts';
import { CODEC, encodeCbor, sameCid } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { hashBlockNow } from '#lib/crypto/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import { nextSequence } from '#lib/protocol/index.ts';
import type { SpaceDeps } from './deps.ts';
import { WriteConflict } from './errors.ts';
import { fetchState } from './fetch.ts';
import { mergeStates } from './merge.ts';
import { acceptMoves, makeMoves } from './set-pointers.ts';
import type { PointerMove } from './set-pointers.ts';
import type { Outbox } from './commit-buffer.ts';
import type { Space } from './space.ts';

export type SaveFor = (signer: Signer, block: Uint8Array) => Cid;

export interface PublicationContext {
  readonly deps: SpaceDeps;
  readonly owner: KeyHash;
  readonly outbox: Outbox;
  readonly load: LoadBlock;
}

const MERGE_ATTEMPTS = 5;

/** A move from where its space is by now; none if it is there already. */
function renewed({ space, data, update: { updated } }: PointerMove): PointerMove[] {
  const { target, sequence } = space.base;
  if (sameCid(target, updated)) return [];
  return [{ space, data, update: { original: target, updated, sequence: nextSequence(sequence) } }];
}

/** The pointer moves that make the spaces what they are now; spaces that did not change have none. */
export function planMoves(spaces: readonly Space[], save: SaveFor): PointerMove[] {
  const moves: PointerMove[] = [];
  for (const space of spaces) {
    const { signer, base } = space;
    const data = space.flush((block) => save(signer, block));
    const block = data === undefined ? undefined : encodeCbor(data.toCbor());
    const target = block === undefined ? undefined : hashBlockNow(block, CODEC.dagCbor);
    if (sameCid(target, base.target)) continue;
    if (block !== undefined) save(signer, block);
    const sequence = nextSequence(base.sequence);
    moves.push({ space, data, update: { original: base.target, updated: target, sequence } });
  }
  return moves;
}

export class Publication {
  readonly #context: PublicationContext;
  /** CID texts of what the new states lead to. */
  readonly #reached = new Set<string>();

  constructor(context: PublicationContext) {
    this.#context = context;
  }

  /** Publishes; answers what the new states lead to, undefined if nothing had changed. */
  async run(spaces: readonly Space[], signal?: AbortSignal): Promise<Set<string> | undefined> {
    const { uploads, save } = this.#context.outbox;
    const stop =
      signal === undefined ? uploads.stopped : AbortSignal.any([signal, uploads.stopped]);
    stop.throwIfAborted();
    const moves = planMoves(spaces, save);
    if (moves.length === 0) return undefined;
    await uploads.settle(stop);
    await uploads.open();
    const hasNewWriter = moves.some(({ update }) => update.original === undefined);
    if (hasNewWriter) await this.#moveInSteps(moves, stop);
    else await this.#moveTogether(moves, stop);
    await uploads.release((key) => this.#reached.has(key));
    return this.#reached;
  }

  async #moveTogether(moves: readonly PointerMove[], signal: AbortSignal): Promise<void> {
    const { deps, owner } = this.#context;
    await this.#upload(moves, signal);
    if (await makeMoves(deps, owner, moves, signal)) {
      await acceptMoves(deps, moves);
      return;
    }
    const [only, ...others] = moves;
    if (only === undefined || others.length > 0) throw new WriteConflict();
    await this.#mergeAndMove(only, signal);
  }

  /**
   * A writer's blocks are taken only after the pointer that introduces it (A-6 §6). So ownership
   * comes first and alone, then the new spaces, and last, together, what leads to them.
   */
  async #moveInSteps(moves: readonly PointerMove[], signal: AbortSignal): Promise<void> {
    const fresh = moves.filter(({ update }) => update.original === undefined);
    const present = moves.filter(({ update }) => update.original !== undefined);
    await this.#moveAll(await this.#introductions(present, fresh), signal);
    for (const move of fresh) {
      await this.#moveAll([move], signal);
      this.#context.outbox.newWriters.delete(move.space.signer.hash.toString());
    }
    await this.#moveAll(present.flatMap(renewed), signal);
  }

  async #moveAll(moves: readonly PointerMove[], signal: AbortSignal): Promise<void> {
    if (moves.length === 0) return;
    const { deps, owner } = this.#context;
    await this.#upload(moves, signal);
    if (!(await makeMoves(deps, owner, moves, signal))) throw new WriteConflict();
    await acceptMoves(deps, moves);
  }

  /** The moves by which spaces that were there own the new ones, and change in nothing else. */
  async #introductions(
    present: readonly PointerMove[],
    fresh: readonly PointerMove[],
  ): Promise<PointerMove[]> {
    const { load, outbox } = this.#context;
    const begun = new Set(fresh.map(({ space }) => space.signer.hash.toString()));
    const introductions: PointerMove[] = [];
    for (const { space } of present) {
      const { base, signer } = space;
      const children = space.begun.filter(({ writer }) => begun.has(writer.toString()));
      if (children.length === 0 || base.data === undefined) continue;
      const saveBlock = (block: Uint8Array): Cid => outbox.save(signer, block);
      const tree = new ChampTree(load, base.data.owned);
      for (const { writer, proof } of children) {
        await tree.put(ownedKeyChampKey(writer), undefined, proof);
      }
      const data = base.data.with({ owned: tree.flush(saveBlock) });
      const updated = saveBlock(encodeCbor(data.toCbor()));
      const sequence = nextSequence(base.sequence);
      introductions.push({ space, data, update: { original: base.target, updated, sequence } });
    }
    return introductions;
  }

  async #mergeAndMove(lost: PointerMove, signal: AbortSignal): Promise<void> {
    const { deps, owner, load, outbox } = this.#context;
    const { space } = lost;
    const { signer } = space;
    let original = space.base.data;
    let ours = lost.data;
    for (let attempt = 0; attempt < MERGE_ATTEMPTS; attempt++) {
      const remote = await fetchState(deps, owner, signer.hash, signal);
      const saveNode = (block: Uint8Array): Cid => outbox.save(signer, block);
      const data = await mergeStates(load, saveNode, original, ours, remote);
      const target = outbox.save(signer, encodeCbor(data.toCbor()));
      const sequence = nextSequence(remote.sequence);
      const move = { space, data, update: { original: remote.target, updated: target, sequence } };
      space.replaceData(data);
      space.base = remote;
      if (sameCid(remote.target, target)) return;
      await this.#upload([move], signal);
      if (await makeMoves(deps, owner, [move], signal)) {
        await acceptMoves(deps, [move]);
        return;
      }
      original = remote.data;
      ours = data;
    }
    throw new WriteConflict();
  }

  /** Uploads the buffered blocks the moves need, but none twice. */
  async #upload(moves: readonly PointerMove[], signal: AbortSignal): Promise<void> {
    const { buffer, uploads, newWriters } = this.#context.outbox;
    for (const { space, update } of moves) {
      if (update.updated === undefined) continue;
      const needed = [...buffer.reachableFrom([update.updated])];
      const unsent = buffer.among(needed.filter((key) => !this.#reached.has(key)));
      for (const key of needed) this.#reached.add(key);
      await uploads.send(
        unsent.map(({ cid, bytes, signer }) => {
          const isKnown = !newWriters.has(signer.hash.toString());
          return { cid, bytes, signer: isKnown ? signer : space.signer };
        }),
        signal,
      );
    }
  }
}
