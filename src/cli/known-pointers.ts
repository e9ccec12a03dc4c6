/**
 * How far the pointers of a place had come when a command last saw them, so that a node cannot go
 * back between two commands without being noticed. No secret is in it.
 *
 * A file for each pointer, named by its writer and sequence, which holds the target. A file appears
 * whole and is never written again; the highest sequence counts and lower ones are removed. So
 * several commands at once can neither undo nor weaken what another remembers, and need no lock.
 */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PyrgosError, toHex, utf8 } from '#lib/bytes/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { sha256Now, type KeyHash } from '#lib/crypto/index.ts';
import type { PointerState } from '#lib/protocol/index.ts';
import { codeOf, WholeFile } from '#lib/system/index.ts';
import { createPointerMemory, isNews, PointerRolledBack } from '#lib/writers/index.ts';
import type { PointerMemory } from '#lib/writers/index.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';

/** For each node. Further pointers are not remembered: a drive has one for each shared folder. */
const FILES_MAX = 2_000;
const NAME_MAX_UNITS = 150;
const FILE = /^([A-Za-z0-9]+)\.(\d{1,20})$/u;
const GONE = '-';

/** The pointer is older than one that an earlier command saw. */
function olderThanBefore(folder: string): PointerRolledBack {
  return new PointerRolledBack(
    'The storage answered with an older state than an earlier command saw. If it was restored ' +
      `from a backup, give --accept-rollback, or delete the folder ${folder}. If nobody restored ` +
      'it, do not trust it: changes are missing.',
  );
}

export interface KnownPointersOptions {
  /** What is met first may be older than what is remembered, and takes its place. */
  readonly acceptsRollback: boolean;
  /** Called with a file that could not be read, and its new name. */
  readonly onDamaged: (file: string) => void;
}

interface Remembered {
  readonly name: string;
  readonly sequence: bigint;
}

export class KnownPointers implements PointerMemory {
  readonly #folder: string;
  readonly #options: KnownPointersOptions;
  readonly #session = createPointerMemory();
  readonly #met = new Map<string, Promise<void>>();

  /** `place`: the origin of a server, or `dir:` and the whole path of a folder. */
  constructor(env: Io['env'], place: string, options: KnownPointersOptions) {
    this.#folder = join(stateFolder(env), `pointers-${nameOf(place)}`);
    this.#options = options;
  }

  async see(writer: KeyHash, state: PointerState): Promise<void> {
    const key = writer.toString();
    await this.#session.see(writer, state);
    if (this.#options.acceptsRollback) {
      const met = this.#met.get(key) ?? this.#forget(key);
      this.#met.set(key, met);
      await met;
    }
    for (;;) {
      const before = await this.#newest(key);
      if (!this.#isNews(before, state)) return;
      if (await this.#keep(key, state)) return;
      // Another command was faster; it may have seen more, or something else.
    }
  }

  /** Begins anew: what the place holds was put there on purpose. */
  async forgetAll(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #isNews(before: PointerState | undefined, state: PointerState): boolean {
    try {
      return isNews(before, state);
    } catch (error) {
      if (error instanceof PointerRolledBack) throw olderThanBefore(this.#folder);
      throw error;
    }
  }

  async #newest(key: string): Promise<PointerState | undefined> {
    for (;;) {
      const [newest] = await this.#of(key);
      if (newest === undefined) return undefined;
      const place = join(this.#folder, newest.name);
      try {
        const target = targetOf(await readFile(place, 'utf8'));
        return { target, sequence: newest.sequence };
      } catch (error) {
        // Another command put a newer one in its place.
        if (codeOf(error) === 'ENOENT') continue;
        if (!(error instanceof PyrgosError)) throw error;
        const aside = join(this.#folder, `damaged-${newest.name}`);
        await rename(place, aside);
        this.#options.onDamaged(aside);
      }
    }
  }

  /** False if the file is there already. A machine that can write nothing down still opens drives. */
  async #keep(key: string, { target, sequence }: PointerState): Promise<boolean> {
    try {
      if ((await this.#files()).length >= FILES_MAX) return true;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const file = await WholeFile.create(join(this.#folder, `${key}.${sequence}`));
      try {
        await file.write(utf8(`${target?.toString() ?? GONE}\n`));
        await file.close();
        await file.moveIntoPlace({ isForced: false });
      } catch (error) {
        await file.discard();
        throw error;
      }
      for (const { name } of (await this.#of(key)).slice(1)) {
        await rm(join(this.#folder, name), { force: true });
      }
      return true;
    } catch (error) {
      return codeOf(error) !== 'EEXIST';
    }
  }

  async #forget(key: string): Promise<void> {
    for (const { name } of await this.#of(key)) await rm(join(this.#folder, name), { force: true });
  }

  /** The files of a writer, newest first. */
  async #of(key: string): Promise<Remembered[]> {
    const found: Remembered[] = [];
    for (const name of await this.#files()) {
      const [, writer, sequence = ''] = FILE.exec(name) ?? [];
      if (writer === key) found.push({ name, sequence: BigInt(sequence) });
    }
    return found.sort((a, b) => (a.sequence < b.sequence ? 1 : -1));
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

/** Any path fits into a name. */
function nameOf(place: string): string {
  const name = encodeURIComponent(place);
  if (name.length <= NAME_MAX_UNITS) return name;
  const hash = toHex(sha256Now(utf8(place)));
  return `${name.slice(0, NAME_MAX_UNITS - hash.length)}-${hash}`;
}

/** Throws a named error for what was not written here. */
function targetOf(text: string): Cid | undefined {
  if (text === `${GONE}\n`) return undefined;
  const target = Cid.parse(text.slice(0, -1));
  if (`${target.toString()}\n` !== text) throw new PyrgosError('This is no remembered pointer.');
  return target;
}
