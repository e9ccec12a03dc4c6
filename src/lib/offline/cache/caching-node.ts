/**
 * A remote node seen through what this device keeps of it (B-7 §2): blocks, pointers, names and the
 * sign-in record. Reading goes on while the node is away, as far as it was read before; writing
 * fails with `NodeUnreachable`. What is kept is what the node holds: ciphertext and public state.
 */
import type { StorageNode } from '#lib/node/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { cachedAccounts, guardedSecondFactors } from './cached-accounts.ts';
import { cachedBlocks } from './cached-blocks.ts';
import { cachedNames } from './cached-names.ts';
import { cachedPointers } from './cached-pointers.ts';
import { KeptBlocks } from './block-cache.ts';
import { KeptRecords } from './record-cache.ts';
import { Reachability } from './reachability.ts';
import type { CacheState } from './reachability.ts';

export interface CachingNodeDeps {
  /** Stores of this cache alone. */
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Bytes of champ and cryptree nodes, and of contents, that are kept at most. */
  readonly structureMaxBytes?: number;
  readonly contentMaxBytes?: number;
  /** Bytes of the compressed list of names that is kept at most. */
  readonly namesMaxBytes?: number;
  /** Called when the node starts or stops to answer. */
  readonly onState?: (state: CacheState) => void;
}

export interface CachingNode extends StorageNode {
  /** Resolves when what was read until now is kept, or will not be. */
  settled(): Promise<void>;
  /** Removes everything that is kept. */
  clear(): Promise<void>;
}

const STRUCTURE_MAX_BYTES = 128 * 1024 * 1024;
const CONTENT_MAX_BYTES = 384 * 1024 * 1024;

/** `remote` through a cache. Does nothing before the first question. */
export function createCachingNode(remote: StorageNode, deps: CachingNodeDeps): CachingNode {
  const { clock, onState } = deps;
  const reachability = new Reachability(clock, onState);
  const blocks = new KeptBlocks({
    structureMaxBytes: STRUCTURE_MAX_BYTES,
    contentMaxBytes: CONTENT_MAX_BYTES,
    ...deps,
  });
  const kept = new KeptRecords(deps.records);
  const shared = { kept, reachability };
  const { bats, inbox, links, messages, space, admin } = remote;
  return {
    blocks: cachedBlocks({ remote: remote.blocks, kept: blocks, reachability }),
    pointers: cachedPointers({ remote: remote.pointers, ...shared }),
    names: cachedNames({ remote: remote.names, ...shared, listMaxBytes: deps.namesMaxBytes }),
    accounts: cachedAccounts({ remote: remote.accounts, ...shared }),
    secondFactors: guardedSecondFactors(remote.secondFactors, shared),
    // Mirror BATs are secrets that open blocks; they are not kept.
    bats,
    inbox,
    links,
    messages,
    space,
    admin,
    settled: () => blocks.settled(),
    clear: async () => {
      await blocks.clear();
      await kept.clear();
    },
  };
}
