/**
 * How fast one address may ask. A bucket fills at a steady rate up to a burst; a request takes one
 * from it. What costs the node most, or helps guessing, has buckets of its own.
 *
 * Kept in memory, so each process counts for itself. This machine's own requests are not counted.
 */
import { LruMap } from '#lib/collections/index.ts';
import { rateKey } from './client-address.ts';

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Uploading many small files takes some hundred requests a second. */
const EVERYTHING: Rate = { burst: 3000, perSecond: 300 };
/** Proofs of work, scrypt-guarded records and letters to the operator. */
const COSTLY: Rate = { burst: 60, perSecond: 0.5 };

/** Wrong passwords and tokens of the operator. */
const GUESSES: Rate = { burst: 30, perSecond: 0.2 };

/** Addresses remembered; beyond it the one unused for longest is forgotten. */
const MAX_BUCKETS = 100_000;

const COSTLY_ENDPOINTS = new Set([
  'peergos/v0/core/signup',
  'peergos/v0/core/updateChain',
  'peergos/v0/core/migrateUser',
  'peergos/v0/login/getLogin',
  'peergos/v0/login/enableTotp',
  'peergos/v0/login/enableMount',
  'peergos/v0/server-message/send',
  'peergos/v0/social/followRequest',
  'peergos/v0/storage/request',
  'peergos/v0/admin/waitlist',
]);

/** `later`: a client that works fast is to go on a little slower; `refused`: it is to stop. */
export type Verdict = 'allowed' | 'later' | 'refused';

interface Bucket {
  left: number;
  atMs: number;
}

export class RateLimit {
  readonly #clock: () => number;
  readonly #buckets = new LruMap<string, Bucket>(MAX_BUCKETS);

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Whether a request from this address to this endpoint may pass; takes one if so. */
  judge(address: string, endpoint: string): Verdict {
    const key = rateKey(address);
    const isCostly = COSTLY_ENDPOINTS.has(endpoint);
    if (isCostly && !this.#take(`${key} ${endpoint}`, COSTLY)) return 'refused';
    return this.#take(key, EVERYTHING) ? 'allowed' : 'later';
  }

  /** Whether so few wrong secrets came from this address that another may be looked at. */
  mayGuess(address: string): boolean {
    return this.#bucket(guessKey(address), GUESSES).left >= 1;
  }

  /** A secret shown was wrong. */
  noteGuess(address: string): void {
    this.#take(guessKey(address), GUESSES);
  }

  #take(key: string, rate: Rate): boolean {
    const bucket = this.#bucket(key, rate);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }

  #bucket(key: string, { burst, perSecond }: Rate): Bucket {
    const nowMs = this.#clock();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, (bucket = { left: burst, atMs: nowMs }));
    const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond;
    bucket.left = Math.min(burst, bucket.left + gained);
    bucket.atMs = nowMs;
    return bucket;
  }
}

function guessKey(address: string): string {
  return `${rateKey(address)} guesses`;
}
