/**
 * The storage node on plain stores: the one embedded in the browser, and the one a server runs.
 * It applies the rules of B-6; see the parts for each. No state is kept here, so several instances
 * on the same stores (tabs, processes) are one node.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeAccounts, StorageNode } from '#lib/node/index.ts';
import { collect } from './garbage-collect.ts';
import type { Collected } from './garbage-collect.ts';
import type { LocalNodeDeps } from './context.ts';
import { listAll } from './deletion.ts';
import { copyState } from './account-copy.ts';
import type { CopyState } from './account-copy.ts';
import { createLocalAccounts, getLoginOfCopy } from './accounts.ts';
import { createLocalAdmin } from './admin.ts';
import { createLocalBats } from './bats.ts';
import { createLocalBlocks } from './blocks.ts';
import { mirrorAccounts } from './mirror.ts';
import { finishMigrations } from './incoming-migration.ts';
import { createLocalInbox } from './inbox.ts';
import { createLocalLinks } from './links.ts';
import { createLocalMessages } from './messages.ts';
import { createLocalNames } from './names.ts';
import { createLocalPointers } from './pointers.ts';
import { createLocalSecondFactors } from './second-factors.ts';
import { createLocalSpace } from './space.ts';
import { createOperator } from './operator.ts';
import type { Operator } from './operator.ts';
import { partitionOf } from './owner-partition.ts';
import { adoptChain } from './update-chain.ts';

export interface LocalNode extends StorageNode {
  /** Removes an owner's garbage (A-10 §6). Safe at any time, beside any uploads. */
  collect(owner: KeyHash, signal?: AbortSignal): Promise<Collected>;
  /** Takes over what the registry of all names has for a name of this node, if it has an account. */
  adoptChain(name: string, registered: Uint8Array): Promise<void>;
  /**
   * Brings moves to this node to an end that were broken off after their old home had switched;
   * answers what keeps it from that.
   */
  finishMigrations(): Promise<unknown[]>;
  /** Copies of accounts that are mirrored here, for reading while their homes are away. */
  readonly copies: {
    stateOf(owner: KeyHash): Promise<CopyState | undefined>;
    readonly getLogin: NodeAccounts['getLogin'];
  };
  /** Brings the copies of mirrored accounts up to date; answers what keeps it from that. */
  mirrorAccounts(signal?: AbortSignal): Promise<unknown[]>;
  /** Operations of the node's operator, at the node's own machine. */
  readonly operator: Operator;
  /** Bytes of all blocks of all owners. */
  storedBytes(): Promise<number>;
}

/** A node on these stores. Does nothing before the first request. */
export function createLocalNode(deps: LocalNodeDeps): LocalNode {
  return {
    blocks: createLocalBlocks(deps),
    pointers: createLocalPointers(deps),
    names: createLocalNames(deps),
    accounts: createLocalAccounts(deps),
    secondFactors: createLocalSecondFactors(deps),
    bats: createLocalBats(deps),
    inbox: createLocalInbox(deps),
    links: createLocalLinks(deps),
    messages: createLocalMessages(deps),
    admin: createLocalAdmin(deps),
    operator: createOperator(deps),
    space: createLocalSpace(deps),
    finishMigrations: () => finishMigrations(deps),
    copies: {
      stateOf: async (owner) => copyState(deps, await partitionOf(deps, owner)),
      getLogin: (...call) => getLoginOfCopy(deps, ...call),
    },
    mirrorAccounts: (signal) => mirrorAccounts(deps, signal),
    adoptChain: (name, registered) => adoptChain(deps, name, registered),
    collect: async (owner, signal) => collect(deps, await partitionOf(deps, owner), signal),
    storedBytes: async () => {
      const blocks = await listAll(deps, '');
      return blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    },
  };
}
