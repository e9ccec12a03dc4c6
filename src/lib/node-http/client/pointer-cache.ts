/** Pointers for a few seconds (B-7 §2); what one wrote oneself counts over what was read before. */
import { LruMap } from '#lib/collections/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';

const KEPT_MS = 7_000;
const MAX_POINTERS = 1_000;

export interface KnownPointer {
  /** Undefined: there is none. */
  readonly signed: Uint8Array | undefined;
}

interface Kept extends KnownPointer {
  readonly owner: string;
  readonly untilMs: number;
}

export class PointerCache {
  readonly #clock: () => number;
  readonly #kept = new LruMap<string, Kept>(MAX_POINTERS);
  /** How often each pointer was written or doubted: an answer from before that is no news. */
  readonly #changes = new Map<string, number>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get(owner: KeyHash, writer: KeyHash): KnownPointer | undefined {
    const kept = this.#kept.get(writer.toString());
    if (kept === undefined || kept.owner !== owner.toString()) return undefined;
    return this.#clock() < kept.untilMs ? kept : undefined;
  }

  /** To be noted before a question is put. */
  changesOf(writer: KeyHash): number {
    return this.#changes.get(writer.toString()) ?? 0;
  }

  /** What the node answered to a question that was put when there were `changes`. */
  seen(changes: number, owner: KeyHash, writer: KeyHash, signed: Uint8Array | undefined): void {
    if (this.changesOf(writer) === changes) this.#keep(owner, writer, signed);
  }

  /** The node took this update. */
  written(owner: KeyHash, writer: KeyHash, signed: Uint8Array): void {
    this.forget(writer);
    this.#keep(owner, writer, signed);
  }

  /** It may have changed. */
  forget(writer: KeyHash): void {
    this.#kept.delete(writer.toString());
    this.#changes.set(writer.toString(), this.changesOf(writer) + 1);
  }

  /** All of an owner may have changed: a state that was to be there is gone. */
  forgetAll(owner: KeyHash): void {
    for (const [writer, kept] of this.#kept) {
      if (kept.owner === owner.toString()) this.#kept.delete(writer);
    }
  }

  #keep(owner: KeyHash, writer: KeyHash, signed: Uint8Array | undefined): void {
    const untilMs = this.#clock() + KEPT_MS;
    const kept = { owner: owner.toString(), signed: signed?.slice(), untilMs };
    this.#kept.set(writer.toString(), kept);
  }
}
