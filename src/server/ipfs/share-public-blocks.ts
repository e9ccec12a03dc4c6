/**
 * Keeps a Kubo supplied with this node's public blocks, and takes back what is public no longer. Which
 * blocks it was given stands in the records (table `ipfsBlocks`, key CID, value empty), so that
 * nothing else is ever removed from it.
 */
import { Cid } from '#lib/codec/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import { takeLease } from '../work/lease.ts';
import { regularly } from '../work/regularly.ts';
import type { Kubo } from './kubo.ts';
import type { PublicBlocks } from './public-blocks.ts';

const TABLE = 'ipfsBlocks';
const LIST_PAGE = 1000;
/** A registry of some twenty thousand names. What is beyond is not shared. */
const MAX_BLOCKS = 100_000;
const EVERY_MS = 3_600_000;
const LEASE_MS = 6 * 3_600_000;

export interface SharingDeps {
  readonly blocks: PublicBlocks;
  readonly kubo: Pick<Kubo, 'put' | 'remove'>;
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Log;
  readonly maxBlocks?: number;
}

export interface Shared {
  /** Public blocks, all of which Kubo has now. */
  readonly blocks: number;
  readonly given: number;
  readonly removed: number;
}

/**
 * One run; `undefined` when another process is at it. With `isFirst` everything is given again: Kubo
 * may have been emptied meanwhile.
 */
export async function sharePublicBlocks(
  { blocks, kubo, records, clock, log, maxBlocks = MAX_BLOCKS }: SharingDeps,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<Shared | undefined> {
  const giveBack = await takeLease(records, 'ipfs', clock(), LEASE_MS);
  if (giveBack === undefined) return undefined;
  try {
    const before = await listed(records);
    const seen = new Set<string>();
    let given = 0;
    for await (const { cid, bytes } of blocks(signal)) {
      signal.throwIfAborted();
      const key = cid.toString();
      if (seen.has(key)) continue;
      if (seen.size >= maxBlocks) {
        log.warn('not all public blocks are shared on IPFS', { blocks: seen.size });
        break;
      }
      seen.add(key);
      if (before.has(key) && !isFirst) continue;
      // Noted first: what is noted is removed some day, whether it was given or not.
      await records.apply({ writes: [{ table: TABLE, key, value: new Uint8Array() }] });
      await kubo.put(cid, bytes, signal);
      given++;
    }
    let removed = 0;
    for (const key of before) {
      if (seen.has(key)) continue;
      signal.throwIfAborted();
      await kubo.remove(Cid.parse(key), signal);
      await records.apply({ writes: [{ table: TABLE, key, value: undefined }] });
      removed++;
    }
    return { blocks: seen.size, given, removed };
  } finally {
    await giveBack();
  }
}

/** Does so every hour until the answered function is called, which waits for a run's end. */
export function shareRegularly(deps: SharingDeps): () => Promise<void> {
  let isFirst = true;
  return regularly(EVERY_MS, async (signal) => {
    try {
      const done = await sharePublicBlocks(deps, isFirst, signal);
      if (done === undefined) return;
      isFirst = false;
      deps.log.info('public blocks shared on IPFS', { ...done });
    } catch (error) {
      if (!signal.aborted) deps.log.error('sharing on IPFS failed', failureFields(error));
    }
  });
}

async function listed(records: RecordStore): Promise<Set<string>> {
  const keys = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = await records.list(TABLE, '', after, LIST_PAGE);
    for (const { key } of page) keys.add(key);
    after = page.at(-1)?.key;
    if (page.length < LIST_PAGE || after === undefined) return keys;
  }
}
