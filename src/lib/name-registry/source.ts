/** Where the registry is read from: its own node, or any mirror of it. What it answers is hostile. */
import type { ChampPath } from '#lib/champ/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';

export interface RegistrySource {
  /** The signed pointer of a writer; undefined: it has none. */
  readonly pointer: (
    owner: KeyHash,
    writer: KeyHash,
    signal?: AbortSignal,
  ) => Promise<Uint8Array | undefined>;
  /** Unverified; undefined: it is not there. */
  readonly block: (
    owner: KeyHash,
    cid: Cid,
    signal?: AbortSignal,
  ) => Promise<Uint8Array | undefined>;
  /**
   * Some of the blocks that the tree `to` has and `from` (absent: the empty tree) has not, as a CAR:
   * those at and after a place, as a walk meets them that goes depth first. Undefined: only single
   * blocks are to be had.
   */
  readonly difference?: (
    from: Cid | undefined,
    to: Cid,
    start: ChampPath,
    signal?: AbortSignal,
  ) => Promise<Uint8Array | undefined>;
}

/** The registry behind a node, by the protocol's own calls, and in bulk where the node offers it. */
export function nodeSource({ pointers, blocks, names }: StorageNode): RegistrySource {
  return {
    pointer: (owner, writer, signal) => pointers.get(owner, writer, { signal, isFresh: true }),
    block: (owner, cid, signal) => blocks.get(owner, cid, undefined, signal),
    difference: async (...asked) => names.registryDifference?.(...asked),
  };
}
