/**
 * The only way anything is changed: take the lock, build one Commit from the present state, commit.
 * When somebody else was faster and the two changes cannot be put together, the operation is done
 * again from the new state (A-9 §11): nothing it buffered is kept.
 */
import { WriteConflict, withWriterLock, type WriterLock } from '#lib/writers/index.ts';
import { Change } from './change.ts';
import type { DriveDeps, Handle, Home } from './types.ts';

/** Each lost race means that another writer made progress, so a loser succeeds at some point. */
const ATTEMPTS = 50;
/** Pauses grow from this, by chance, so that those who race do not meet again. */
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 500;

export interface DriveContext {
  readonly deps: DriveDeps;
  /** Absent for a guest, who has no tree of his own. */
  readonly home: Home | undefined;
  readonly lock: WriterLock;
  /** Record paths of the large uploads that run in this instance. */
  readonly runningUploads: Set<string>;
}

/** Runs `work` on a Change in the space of `place` and commits it. `work` may run several times. */
export function transact<T>(
  { deps, home, lock }: DriveContext,
  place: Pick<Handle, 'capability'>,
  work: (change: Change) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { owner, writer } = place.capability;
  const attempt = async (): Promise<T> => {
    signal?.throwIfAborted();
    const change = new Change(deps, home, owner, signal);
    try {
      const result = await work(change);
      await change.commit.commit(signal);
      return result;
    } catch (error) {
      await change.commit.abandon();
      throw error;
    }
  };
  const untilSettled = async (): Promise<T> => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof WriteConflict) || attempts === ATTEMPTS) throw error;
        await (deps.pause ?? sleep)(pauseAfter(attempts, deps));
      }
    }
  };
  return withWriterLock(lock, owner, writer, untilSettled, signal);
}

function pauseAfter(attempts: number, { random }: Pick<DriveDeps, 'random'>): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts);
  return ((random(1)[0] ?? 0) / 256) * longest;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
