/**
 * Periodic collection of garbage (B-6 §4): all users, one after another, by one process at a time.
 * Deciding and deleting are safe beside any number of processes; the lease only saves work.
 *
 * A user whose blocks cannot all be read is passed over whole, as the collection itself demands;
 * the log says so, without the name.
 */
import type { LocalNode } from '#lib/node-local/index.ts';
import { CollectionStopped } from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import { takeLease } from './lease.ts';
import { regularly } from './regularly.ts';

export interface CollectionDeps {
  readonly node: LocalNode;
  readonly records: RecordStore;
  readonly clock: () => number;
  readonly log: Log;
}

export interface CollectionRun {
  readonly users: number;
  readonly removedBlocks: number;
  readonly removedBytes: number;
  /** Users whose data are damaged or could not be read. */
  readonly stopped: number;
}

/** A run over many large accounts takes hours at most. */
const LEASE_MS = 6 * 3_600_000;
/** After a start, so that a node that keeps falling over does not only collect. */
const FIRST_AFTER_MS = 10 * 60_000;

/** Collects for every user; `undefined` when another process is at it. */
export async function collectAll(
  { node, records, clock, log }: CollectionDeps,
  signal?: AbortSignal,
): Promise<CollectionRun | undefined> {
  const giveBack = await takeLease(records, 'collection', clock(), LEASE_MS);
  if (giveBack === undefined) return undefined;
  const run = { users: 0, removedBlocks: 0, removedBytes: 0, stopped: 0 };
  try {
    for (const name of await node.names.usernames()) {
      signal?.throwIfAborted();
      const owner = await node.names.publicKey(name);
      if (owner === undefined) continue;
      run.users++;
      try {
        const { removedBlocks, removedBytes } = await node.collect(owner, signal);
        run.removedBlocks += removedBlocks;
        run.removedBytes += removedBytes;
      } catch (error) {
        if (!(error instanceof CollectionStopped)) throw error;
        run.stopped++;
        log.error('collection stopped for a user', failureFields(error));
      }
    }
  } finally {
    await giveBack();
  }
  return run;
}

/** Collects every `everyMs` until the answered function is called, which waits for a run's end. */
export function collectRegularly(deps: CollectionDeps, everyMs: number): () => Promise<void> {
  const collect = async (signal: AbortSignal): Promise<void> => {
    const start = performance.now();
    try {
      const done = await collectAll(deps, signal);
      if (done === undefined) return;
      const seconds = Math.round((performance.now() - start) / 1000);
      deps.log.info('collected', { ...done, seconds });
    } catch (error) {
      if (!signal.aborted) deps.log.error('collection failed', failureFields(error));
    }
  };
  return regularly(everyMs, collect, Math.min(everyMs, FIRST_AFTER_MS));
}
