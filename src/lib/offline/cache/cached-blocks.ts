/**
 * Blocks of a remote node, through what is kept here. Blocks never change, so what is kept is as
 * good as what the node would answer, and is asked first, also while the node can be reached.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { walkToKey } from '#lib/champ/index.ts';
import { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { ChampKey, LookedUpBlock, NodeBlocks, UnverifiedBlock } from '#lib/node/index.ts';
import { HomeServerAway, isAway } from '#lib/protocol/index.ts';
import type { KeptBlocks } from './block-cache.ts';
import type { Reachability } from './reachability.ts';

export interface CachedBlocksDeps {
  readonly remote: NodeBlocks;
  readonly kept: KeptBlocks;
  readonly reachability: Reachability;
}

export function cachedBlocks({ remote, kept, reachability }: CachedBlocksDeps): NodeBlocks {
  const ask = <T>(question: () => Promise<T>): Promise<T> => reachability.ask(question);
  return {
    nodeId: () => ask(() => remote.nodeId()),
    nodeIds: () => ask(() => remote.nodeIds()),
    nodeRecord: (nodeId) => ask(() => remote.nodeRecord(nodeId)),
    properties: () => ask(() => remote.properties()),
    peerAddresses: () => ask(async () => (await remote.peerAddresses?.()) ?? []),
    sizeBytes: (...asked) => ask(() => remote.sizeBytes(...asked)),
    authoriseWrites: (...asked) => ask(() => remote.authoriseWrites(...asked)),
    authoriseReads: (...asked) => ask(() => remote.authoriseReads(...asked)),
    startTransaction: (...asked) => ask(() => remote.startTransaction(...asked)),
    closeTransaction: (...asked) => ask(() => remote.closeTransaction(...asked)),
    put: async (...asked) => {
      const [owner, , blocks, format] = asked;
      const cids = await ask(() => remote.put(...asked));
      // Contents that were sent are rarely read again here; they would push out what is.
      if (format === 'dag-cbor') {
        const stored = cids.map((cid, i) => ({ cid, bytes: blocks[i]!.bytes }));
        kept.keepSoon(owner, stored);
      }
      return cids;
    },
    get: async (owner, cid, bat, signal) => {
      if (cid.isIdentity) return cid.digest.slice() as UnverifiedBlock;
      const known = await kept.get(owner, cid, signal);
      if (known !== undefined) return known as UnverifiedBlock;
      const block = await ask(() => remote.get(owner, cid, bat, signal));
      if (block !== undefined) kept.keepSoon(owner, [{ cid, bytes: block }]);
      return block;
    },
    champLookup: async (owner, root, keys, signal) => {
      const local = await walkKept(kept, owner, root, keys, signal);
      if (local.missing.length === 0) return local.found;
      try {
        const answered = await ask(() => remote.champLookup(owner, root, local.missing, signal));
        await kept.keepFound(owner, answered);
        return merged(local.found, answered);
      } catch (error) {
        // What is kept is better than nothing; what lacks is asked for one by one, and refused.
        const isUnasked = isAway(error) || error instanceof HomeServerAway;
        const isOfUse = isUnasked && local.found.length > 0;
        if (isOfUse) return local.found;
        throw error;
      }
    },
  };
}

interface Walked {
  readonly found: LookedUpBlock[];
  /** Keys whose way, or whose value, is not all kept. */
  readonly missing: ChampKey[];
}

async function walkKept(
  kept: KeptBlocks,
  owner: KeyHash,
  root: Cid,
  keys: readonly ChampKey[],
  signal: AbortSignal | undefined,
): Promise<Walked> {
  const found = new Set<LookedUpBlock>();
  const missing: ChampKey[] = [];
  const loads = new Map<string, Promise<LookedUpBlock | undefined>>();
  const loadKept = (cid: Cid): Promise<LookedUpBlock | undefined> => {
    const key = cid.toString();
    const known = loads.get(key) ?? kept.find(owner, cid, signal);
    loads.set(key, known);
    return known;
  };
  for (const asked of keys) {
    const isWhole = await visit(root, asked.key, loadKept, found);
    if (!isWhole) missing.push(asked);
  }
  return { found: [...found], missing };
}

/** Collects what is kept of the way to a key; false if something lacks. */
async function visit(
  root: Cid,
  key: Uint8Array,
  loadKept: (cid: Cid) => Promise<LookedUpBlock | undefined>,
  found: Set<LookedUpBlock>,
): Promise<boolean> {
  let isWhole = true;
  const load = async (cid: Cid): Promise<Uint8Array | undefined> => {
    const block = await loadKept(cid);
    if (block === undefined) isWhole = false;
    else found.add(block);
    return block?.bytes;
  };
  try {
    const value = await walkToKey(root, key, load, () => undefined);
    if (value instanceof Cid && !value.isIdentity) await load(value);
  } catch (error) {
    // A damaged champ is the node's to answer for.
    if (!(error instanceof PyrgosError)) throw error;
    return false;
  }
  return isWhole;
}

/** The node's blocks, and those that were kept and not answered. */
function merged(
  kept: readonly LookedUpBlock[],
  answered: readonly LookedUpBlock[],
): LookedUpBlock[] {
  // A duplicate block does no harm to a walk of the champ (B-1 §2.1 promises each once).
  return [...answered, ...kept];
}
