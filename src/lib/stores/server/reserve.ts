/**
 * Room that is kept beside a database for the day the disk is full. Even a removal is first written
 * to the log; without room for that, nothing could ever be removed again. It is taken when the disk
 * becomes tight, so that a roomy one does without.
 */
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const RESERVE_BYTES = 4 * 1024 * 1024;
const TIGHT_BYTES = 1024 * 1024 * 1024;
/** Looking costs microseconds, but a disk does not fill in a few changes. */
const CHANGES_BETWEEN_LOOKS = 32;

export class Reserve {
  readonly #file: string;
  #changes = 0;

  constructor(database: string) {
    this.#file = `${database}-reserve`;
  }

  /** To be told of each change: looks after the room now and then, at first at once. */
  onChange(): void {
    if (this.#changes++ % CHANGES_BETWEEN_LOOKS === 0) this.fill();
  }

  /** Takes the room if the disk is tight, it is not taken yet and is to be had. */
  fill(): void {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#file));
      if (bavail * bsize > TIGHT_BYTES) return;
      if ((statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0) >= RESERVE_BYTES) return;
      // Something that a file system cannot store as nothing.
      const filling = new Uint8Array(RESERVE_BYTES).map((_, i) => (i * 2_654_435_761) >>> 24);
      writeFileSync(this.#file, filling, { mode: 0o600 });
    } catch {
      this.release(); // half of it would keep others from their room and serve nobody
    }
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}
