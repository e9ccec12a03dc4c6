/**
 * The work that a new name costs (B-2 §5): none while few come, then more the more names came in the
 * last minutes, so that nobody can take very many, and one person waits a second at most.
 */
import { encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { isWorkDone } from '#lib/crypto/index.ts';
import type { ProofOfWork } from '#lib/node/index.ts';
import { WorkRequired } from '#lib/protocol/index.ts';

const WINDOW_MS = 5 * 60_000;
/** So many in that time cost nothing. */
const FREE_NAMES = 5;
const FIRST_BITS = 11;
/** Each so many more names double the work. */
const NAMES_A_BIT = 10;
/** Minutes of work for a computer of today: further names are as good as refused. */
const MOST_BITS = 32;

export class WorkFactor {
  readonly #clock: () => number;
  readonly #leastBits: number;
  /** When names came, the oldest first. */
  #times: number[] = [];

  constructor(clock: () => number, leastBits: number) {
    this.#clock = clock;
    this.#leastBits = leastBits;
  }

  /** Bits that a new name costs now. */
  get bits(): number {
    const since = this.#clock() - WINDOW_MS;
    this.#times = this.#times.filter((time) => time > since);
    const more = this.#times.length - FREE_NAMES;
    const byLoad = more < 0 ? 0 : Math.min(FIRST_BITS + Math.floor(more / NAMES_A_BIT), MOST_BITS);
    return Math.max(byLoad, this.#leastBits);
  }

  /** Throws {@link WorkRequired} unless the proof is worth what a new name costs now. */
  require(chain: CborValue, { prefix }: ProofOfWork): void {
    const { bits } = this;
    if (bits > 0 && !isWorkDone(prefix, encodeCbor(chain), bits)) throw new WorkRequired(bits);
  }

  /** A name was registered. */
  note(): void {
    this.#times.push(this.#clock());
  }
}
