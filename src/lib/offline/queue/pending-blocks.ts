/** Blocks of a node that may be away: reads find pending blocks first; what cannot be sent is pending. */
import { walkToKey } from '#lib/champ/index.ts';
import { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { LookedUpBlock } from '#lib/node/index.ts';
import type { ChampKey, NodeBlocks, UnverifiedBlock } from '#lib/node/index.ts';
import { checkBlock, isAway } from '#lib/protocol/index.ts';
import type { Journal, NewBlocks } from './journal.ts';
import type { OpenTransactions } from './open-transactions.ts';

/** Reading through the journal. */
export function readingPending(through: NodeBlocks, journal: Journal): NodeBlocks {
  return {
    ...through,
    sizeBytes: async (owner, cid) => {
      const block = await journal.block(owner, cid);
      return block?.length ?? through.sizeBytes(owner, cid);
    },
    get: async (owner, cid, bat, signal) => {
      const block = await journal.block(owner, cid, signal);
      return block === undefined
        ? through.get(owner, cid, bat, signal)
        : (block as UnverifiedBlock);
    },
    champLookup: async (owner, root, keys, signal) => {
      const block = await journal.block(owner, root, signal);
      if (block === undefined) return through.champLookup(owner, root, keys, signal);
      return lookup({ through, journal, owner, root, signal }, keys);
    },
  };
}

interface Lookup {
  readonly through: NodeBlocks;
  readonly journal: Journal;
  readonly owner: KeyHash;
  readonly root: Cid;
  readonly signal: AbortSignal | undefined;
}

/** Walks a champ: changed nodes are pending blocks, the others are read from the node. */
async function lookup(
  { through, journal, owner, root, signal }: Lookup,
  keys: readonly ChampKey[],
): Promise<LookedUpBlock[]> {
  const found = new Map<string, LookedUpBlock>();
  const loads = new Map<string, Promise<UnverifiedBlock | undefined>>();
  const read = async (cid: Cid, bat?: ChampKey['bat']): Promise<UnverifiedBlock | undefined> => {
    const pending = await journal.block(owner, cid, signal);
    if (pending !== undefined) return pending as UnverifiedBlock;
    try {
      return await through.get(owner, cid, bat, signal);
    } catch (error) {
      // What is at hand is better than nothing; what lacks is asked for one by one, and refused.
      if (isAway(error)) return undefined;
      throw error;
    }
  };
  const load = (cid: Cid): Promise<UnverifiedBlock | undefined> => {
    const known = loads.get(cid.toString()) ?? read(cid);
    loads.set(cid.toString(), known);
    return known;
  };
  const visit = (cid: Cid, block: Uint8Array): void => {
    found.set(cid.toString(), new LookedUpBlock(block));
  };
  await Promise.all(
    keys.map(async ({ key, bat }) => {
      const value = await walkToKey(root, key, load, visit);
      if (!(value instanceof Cid) || value.isIdentity) return;
      const block = await read(value, bat);
      if (block !== undefined) visit(value, block);
    }),
  );
  return [...found.values()];
}

/** Writes to the node while it answers and no change is pending, otherwise to the journal. */
export function writingPending(
  through: NodeBlocks,
  journal: Journal,
  transactions: OpenTransactions,
): Pick<NodeBlocks, 'startTransaction' | 'closeTransaction' | 'put'> {
  return {
    startTransaction: async (owner) => {
      if (await journal.isInUse(owner)) return transactions.beginLocal(owner);
      try {
        const tid = await through.startTransaction(owner);
        transactions.beginRemote(owner, tid);
        return tid;
      } catch (error) {
        if (!isAway(error)) throw error;
        return transactions.beginLocal(owner);
      }
    },
    closeTransaction: async (owner, tid) => {
      if (await transactions.close(tid)) await through.closeTransaction(owner, tid);
    },
    put: async (owner, writer, blocks, format, tid, signal) => {
      if (!transactions.isKnown(tid)) {
        return through.put(owner, writer, blocks, format, tid, signal);
      }
      const checked = async (): Promise<NewBlocks> => {
        const cids = await Promise.all(blocks.map((block) => checkBlock(writer, block, format)));
        const named = cids.map(({ cid }, i) => ({ cid, ...blocks[i]! }));
        return { writer, format, blocks: named };
      };
      if (!transactions.isLocal(tid)) {
        try {
          const cids = await through.put(owner, writer, blocks, format, tid, signal);
          const named = cids.map((cid, i) => ({ cid, ...blocks[i]! }));
          await transactions.noteSent(tid, { writer, format, blocks: named });
          return cids;
        } catch (error) {
          if (!isAway(error)) throw error;
          await transactions.bringHome(tid);
        }
      }
      signal?.throwIfAborted();
      const local = await checked();
      await transactions.keep(tid, local);
      return local.blocks.map(({ cid }) => cid);
    },
  };
}
