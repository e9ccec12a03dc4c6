/**
 * Unsaved work of one account, by file, sealed under its root key. It outlives the page and the
 * engine; it ends when the work is saved or thrown away, and with the account. There are bounds for
 * each draft, for their number and for all together: the oldest give way.
 *
 * Hostile input: what lies in the store. A draft that does not open, or that was sealed for another
 * file, is none.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import {
  asBytes,
  asMap,
  asText,
  cborMap,
  decodeCbor,
  encodeCbor,
  field,
} from '#lib/codec/index.ts';
import { NONCE_BYTES, open, seal, type SymmetricKey } from '#lib/crypto/index.ts';
import { DRAFT_LIMIT_BYTES } from '#lib/frames/index.ts';
import type { DraftRecords } from './draft-records.ts';

/** Nobody edits more files at once. */
const MOST_DRAFTS = 50;
/** Of all drafts of an account. */
const TOTAL_LIMIT_BYTES = 2 * DRAFT_LIMIT_BYTES;

/** What was not saved is too large to be kept for the next start. */
export class DraftTooLarge extends PyrgosError {
  override readonly name = 'DraftTooLarge';
  override readonly kind = 'refused';
  constructor() {
    super('These changes are too large to be kept before they are saved.');
  }
}

export interface DraftsDeps {
  readonly records: DraftRecords;
  /** One text for the account. */
  readonly account: string;
  /** Of the session, as it is now. */
  readonly key: () => SymmetricKey;
  readonly random: Random;
  readonly clock: () => number;
}

export class Drafts {
  readonly #deps: DraftsDeps;

  constructor(deps: DraftsDeps) {
    this.#deps = deps;
  }

  /** The draft of a file, by what identifies the file for good. */
  async read(file: string): Promise<Uint8Array | undefined> {
    const { records, account } = this.#deps;
    const record = await records.get(account, file);
    if (record === undefined) return undefined;
    const bytes = this.#opened(record.sealed, file);
    if (bytes === undefined) await this.drop(file);
    return bytes;
  }

  /** Keeps a draft in the place of the one before. @throws DraftTooLarge */
  async keep(file: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > DRAFT_LIMIT_BYTES) throw new DraftTooLarge();
    const { records, account, key, random, clock } = this.#deps;
    const nonce = random(NONCE_BYTES);
    const inner = encodeCbor(
      cborMap([
        ['file', file],
        ['draft', bytes],
      ]),
    );
    const ciphertext = seal(key(), nonce, inner);
    const sealed = new Uint8Array(NONCE_BYTES + ciphertext.length);
    sealed.set(nonce);
    sealed.set(ciphertext, NONCE_BYTES);
    await records.put(account, file, { sealed, savedMs: clock() });
    await this.#makeRoom(file);
  }

  async drop(file: string): Promise<void> {
    await this.#deps.records.delete(this.#deps.account, [file]);
  }

  /** The oldest go until the others are within the bounds; the newest stays. */
  async #makeRoom(newest: string): Promise<void> {
    const { records, account } = this.#deps;
    const all = [...(await records.list(account))].sort((a, b) => b.savedMs - a.savedMs);
    let total = 0;
    const gone = all.filter(({ file, sizeBytes }, at) => {
      total += sizeBytes;
      return file !== newest && (at >= MOST_DRAFTS || total > TOTAL_LIMIT_BYTES);
    });
    if (gone.length === 0) return;
    await records.delete(
      account,
      gone.map(({ file }) => file),
    );
  }

  #opened(sealed: Uint8Array, file: string): Uint8Array | undefined {
    try {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const inner = open(this.#deps.key(), nonce, sealed.subarray(NONCE_BYTES));
      const map = asMap(decodeCbor(inner), 'a draft');
      if (asText(field(map, 'file', 'a draft'), 'its file') !== file) return undefined;
      return asBytes(field(map, 'draft', 'a draft'), 'its bytes');
    } catch {
      return undefined; // damaged, or sealed before the password was changed
    }
  }
}
