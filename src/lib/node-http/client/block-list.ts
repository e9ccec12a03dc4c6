/**
 * A list of byte strings in CBOR, taken in while it arrives: each is put together in memory of its
 * own, which the caller may give away. Nothing is held twice, and nothing copied once more.
 *
 * Hostile: the list has as many items as were asked for, and none is longer than a block. What
 * follows the list is ignored, as the decoder does.
 */
import { BLOCK_MAX_BYTES } from '#lib/codec/index.ts';
import { MalformedAnswer } from '#lib/protocol/index.ts';

const LIST = 4;
const BYTE_STRING = 2;
/** Major type and argument of up to four bytes; no length here needs eight. */
const HEAD_MAX_BYTES = 5;

export class BlockList {
  readonly #what: string;
  readonly #count: number;
  readonly #blocks: Uint8Array[] = [];
  readonly #head = new Uint8Array(HEAD_MAX_BYTES);
  #headLength = 0;
  #hasBegun = false;
  /** The block that is arriving, and how much of it is there. */
  #block: Uint8Array | undefined;
  #filled = 0;

  /** `what` names it in errors. */
  constructor(what: string, count: number) {
    this.#what = what;
    this.#count = count;
  }

  /** Takes in what has arrived; keeps no reference to it. Throws {@link MalformedAnswer}. */
  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length && !this.#isComplete;) {
      at += this.#block === undefined ? this.#addToHead(piece[at]!) : this.#fill(piece, at);
    }
  }

  /** The blocks in order; an empty one stands for one that is not there. Throws {@link MalformedAnswer}. */
  blocks(): readonly Uint8Array[] {
    if (!this.#isComplete) throw new MalformedAnswer(`${this.#what} ends early.`);
    return this.#blocks;
  }

  get #isComplete(): boolean {
    return this.#hasBegun && this.#blocks.length === this.#count;
  }

  #addToHead(byte: number): 1 {
    this.#head[this.#headLength++] = byte;
    const length = headLength(this.#head[0]!);
    if (length === undefined) throw new MalformedAnswer(`${this.#what} cannot be read.`);
    if (this.#headLength === length) {
      this.#headLength = 0;
      this.#begin(this.#head[0]! >> 5, argumentOf(this.#head, length));
    }
    return 1;
  }

  #begin(major: number, argument: number): void {
    if (major !== (this.#hasBegun ? BYTE_STRING : LIST)) {
      throw new MalformedAnswer(`${this.#what} is no list of blocks.`);
    }
    if (!this.#hasBegun) {
      if (argument !== this.#count) {
        throw new MalformedAnswer(`${this.#what} has another length.`);
      }
      this.#hasBegun = true;
    } else if (argument === 0) this.#blocks.push(new Uint8Array());
    else if (argument > BLOCK_MAX_BYTES) {
      throw new MalformedAnswer(`${this.#what} has a block that is too long.`);
    } else this.#block = new Uint8Array(argument);
  }

  #fill(piece: Uint8Array, at: number): number {
    const block = this.#block!;
    const part = piece.subarray(at, at + block.length - this.#filled);
    block.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === block.length) {
      this.#blocks.push(block);
      this.#block = undefined;
      this.#filled = 0;
    }
    return part.length;
  }
}

/** With its argument; undefined for heads that no such list has. */
function headLength(initial: number): number | undefined {
  const info = initial & 0x1f;
  if (info < 24) return 1;
  return info <= 26 ? 1 + 2 ** (info - 24) : undefined;
}

function argumentOf(head: Uint8Array, length: number): number {
  if (length === 1) return head[0]! & 0x1f;
  return head.subarray(1, length).reduce((sum, byte) => 256 * sum + byte, 0);
}
