/**
 * A move to this node as a job of its own: a request starts it or looks after it, and is answered
 * within seconds with how far it is. So no connection has to last as long as the move does, and
 * the client that asks sees what happens. A job that nobody looks after ends, unless the old home was asked
 * to switch already; what it fetched stays for a day, so the next one goes on from there.
 */
import { encodeCbor } from '#lib/codec/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import type {
  MigrationExtras,
  MigrationPhase,
  MigrationRequest,
  MigrationStep,
} from '#lib/node/index.ts';
import { BadClaimChain, isAway } from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { hasArrived } from './arrival-note.ts';
import type { LocalNodeDeps } from './context.ts';
import { AccountDamaged } from './import-account.ts';
import { acceptMigration } from './incoming-migration.ts';
import { isOwnNodeId } from './node-id.ts';

/** How long a request is held while nothing happens that is worth an answer. */
const ANSWER_MS = 1_500;
/** A job ends when nobody asked for so long. */
const FORSAKEN_MS = 60_000;
/** Between attempts while the old home is away. */
const RETRY_MS = 3_000;

const jobsOf = new WeakMap<RecordStore, Map<string, Job>>();

/** Throws what the move failed for; the same request begins it anew. */
export async function migrateInSteps(
  deps: LocalNodeDeps,
  request: MigrationRequest,
  extras: MigrationExtras,
): Promise<MigrationStep> {
  const { username, usageBytes: totalBytes } = request;
  // Only the new home has steps to tell of; the old one answers at once.
  if (await isOwnNodeId(deps, request.currentNode)) {
    throw new BadClaimChain('The account is to leave the node that it is to come to.');
  }
  if (await hasArrived(deps, request)) {
    return { phase: 'done', doneBytes: totalBytes, doneBlocks: 0, totalBytes };
  }
  const jobs = jobsOf.get(deps.records) ?? new Map<string, Job>();
  jobsOf.set(deps.records, jobs);
  const key = encodeCbor([request.chain, extras.token]);
  let job = jobs.get(username);
  if (extras.isCalledOff === true) {
    const isSame = job !== undefined && equalBytes(job.key, key);
    if (isSame) job?.end();
    if (isSame) jobs.delete(username);
    return job?.standing ?? { phase: 'waiting', doneBytes: 0, doneBlocks: 0, totalBytes };
  }
  if (job === undefined || job.isEnded || !equalBytes(job.key, key)) {
    job?.end();
    await job?.outcome;
    job = new Job(deps, request, extras);
    jobs.set(username, job);
    const started = job;
    void job.outcome.then(() => {
      // Its failure is for who asks next.
      later(FORSAKEN_MS, () => {
        if (jobs.get(username) === started) jobs.delete(username);
      });
    });
  }
  try {
    return await job.step();
  } finally {
    if (job.isOver && jobs.get(username) === job) jobs.delete(username);
  }
}

class Job {
  /** Differs when what is asked for does. */
  readonly key: Uint8Array;
  /** Resolves when the job is over, whatever came of it. */
  readonly outcome: Promise<void>;
  isOver = false;
  readonly #stop = new AbortController();
  readonly #totalBytes: number;
  #phase: MigrationPhase = 'copying';
  /** Of the attempt that came furthest, and of the present one. */
  #most = { bytes: 0, blocks: 0 };
  #present = { bytes: 0, blocks: 0 };
  #hasContact = false;
  #failure: { readonly error: unknown } | undefined;
  #forsaken: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: LocalNodeDeps, request: MigrationRequest, extras: MigrationExtras) {
    this.key = encodeCbor([request.chain, extras.token]);
    this.#totalBytes = request.usageBytes;
    this.outcome = this.#run(deps, request, extras);
  }

  /** Nobody wants it any more. */
  get isEnded(): boolean {
    return this.#stop.signal.aborted;
  }

  end(): void {
    this.#stop.abort();
  }

  /** Throws the failure of a job that is over. */
  async step(): Promise<MigrationStep> {
    clearTimeout(this.#forsaken);
    await Promise.race([this.outcome, pause(ANSWER_MS)]);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (!this.isOver) this.#forsaken = later(FORSAKEN_MS, () => this.end());
    return this.standing;
  }

  get standing(): MigrationStep {
    const { bytes: doneBytes, blocks: doneBlocks } = this.#most;
    return {
      phase: this.#phase,
      doneBytes,
      doneBlocks,
      totalBytes: Math.max(this.#totalBytes, doneBytes),
    };
  }

  async #run(
    deps: LocalNodeDeps,
    request: MigrationRequest,
    extras: MigrationExtras,
  ): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!(await this.#attempt(deps, request, extras))) {
        if (!this.#hasContact) {
          this.#phase = 'unreachable';
          return;
        }
        this.#phase = 'waiting';
        await pause(RETRY_MS, signal);
        signal.throwIfAborted();
      }
      this.#phase = 'done';
    } catch (error) {
      // Whose account it is finds out more than can be told here.
      if (error instanceof AccountDamaged) this.#phase = 'damaged';
      else this.#failure = { error };
    } finally {
      clearTimeout(this.#forsaken);
      this.isOver = true;
    }
  }

  /** False: the old home is away. */
  async #attempt(
    deps: LocalNodeDeps,
    request: MigrationRequest,
    extras: MigrationExtras,
  ): Promise<boolean> {
    this.#present = { bytes: 0, blocks: 0 };
    try {
      await acceptMigration(deps, request, {
        extras,
        signal: this.#stop.signal,
        onContact: () => (this.#hasContact = true),
        onPhase: (phase) => (this.#phase = phase),
        onBlock: (bytes) => {
          this.#present = { bytes: this.#present.bytes + bytes, blocks: this.#present.blocks + 1 };
          if (this.#present.bytes > this.#most.bytes) this.#most = this.#present;
        },
      });
      return true;
    } catch (error) {
      if (isAway(error)) return false;
      throw error;
    }
  }
}

/** Keeps no process from ending. */
function later(milliseconds: number, work: () => void): ReturnType<typeof setTimeout> {
  const timer: ReturnType<typeof setTimeout> | { unref(): void } = setTimeout(work, milliseconds);
  if (typeof timer === 'object') timer.unref();
  return timer as ReturnType<typeof setTimeout>;
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
