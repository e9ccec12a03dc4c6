/**
 * The storage node on plain stores: the one embedded in the browser, and the one a server runs.
 * It applies the rules of B-6; see the parts for each. No state is kept here, so several instances
 * on the same stores (tabs, processes) are one node.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import { checkSignedTime, keyOf, REQUEST_WINDOW_MS } from './authorisation.ts';
import { collect } from './collect.ts';
import type { Collected } from './collect.ts';
import type { LocalNodeDeps } from './context.ts';
import { listAll } from './deletion.ts';
import { createLocalAccounts } from './local-accounts.ts';
import { createLocalBats, requireUser } from './local-bats.ts';
import { createLocalBlocks } from './local-blocks.ts';
import { createLocalNames } from './local-names.ts';
import { createLocalPointers } from './local-pointers.ts';
import { readOwner } from './tables.ts';
import type { NodeSpace, StorageNode } from './types.ts';

export interface LocalNode extends StorageNode {
  /** Removes an owner's garbage (A-10 §6). Safe at any time, beside any uploads. */
  collect(owner: KeyHash, signal?: AbortSignal): Promise<Collected>;
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
    bats: createLocalBats(deps),
    space: createLocalSpace(deps),
    collect: (owner, signal) => collect(deps, owner, signal),
    storedBytes: async () => {
      const blocks = await listAll(deps, '');
      return blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    },
  };
}

function createLocalSpace(deps: LocalNodeDeps): NodeSpace {
  const check = async (owner: KeyHash, auth: Uint8Array): Promise<void> => {
    await requireUser(deps, owner);
    await checkSignedTime(keyOf(owner), auth, deps.clock(), REQUEST_WINDOW_MS);
  };
  return {
    usageBytes: async (owner, auth) => {
      await check(owner, auth);
      return (await readOwner(deps.records, owner)).value?.usedBytes ?? 0;
    },
    quotaBytes: async (owner, auth) => {
      await check(owner, auth);
      return (await deps.quotaBytes?.()) ?? Number.MAX_SAFE_INTEGER;
    },
  };
}
