/** What reading and writing a space needs from outside. */
import type { Random } from '#lib/bytes/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { Sequence, WriterData } from '#lib/protocol/index.ts';
import type { BlockCache } from './block-cache.ts';
import type { PointerMemory } from './pointer-memory.ts';

export interface SpaceDeps {
  readonly node: StorageNode;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly pointerMemory: PointerMemory;
  readonly blockCache?: BlockCache;
  /** Waits between attempts to reach a node; a timer unless a test says otherwise. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** One writer at one moment: the element of a snapshot (A-10 §1). */
export interface WriterState {
  readonly writer: KeyHash;
  /** The WriterData block; absent: never written, or deleted. */
  readonly target: Cid | undefined;
  readonly sequence: Sequence | undefined;
  readonly data: WriterData | undefined;
}
