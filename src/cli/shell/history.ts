/**
 * The history of typed lines: one file for each account, readable only for its owner.
 * What may hold a secret is not kept, and neither is a line that begins with a blank.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { utf8 } from '#lib/bytes/index.ts';
import { WholeFile } from '#lib/system/index.ts';
import type { Io } from '../io.ts';
import { stateFolder } from '../state-folder.ts';

export const HISTORY_LINES = 1000;

const SECRET = /(?:^|\s)--(?:password|new-password|code|token)\b|\bsecret\/\S+#/u;

export class History {
  /** Absent where nothing is to be kept. */
  readonly #file: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(env: Io['env'], username: string, hasState: boolean) {
    const name = `history-${encodeURIComponent(username)}`;
    this.#file = hasState ? join(stateFolder(env), name) : undefined;
  }

  /** Newest first. */
  async read(): Promise<string[]> {
    if (this.#file === undefined) return [];
    try {
      const text = await readFile(this.#file, 'utf8');
      return text.split('\n').filter(isKept).slice(0, HISTORY_LINES);
    } catch {
      return [];
    }
  }

  /** Keeps these lines, newest first, after what is being written. */
  keep(lines: readonly string[]): void {
    const text = lines.filter(isKept).map((line) => `${line}\n`);
    this.#writing = this.#writing.then(() => this.#write(text.join('')));
  }

  /** When all is written. */
  settle(): Promise<void> {
    return this.#writing;
  }

  async #write(text: string): Promise<void> {
    if (this.#file === undefined) return;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      const file = await WholeFile.create(this.#file);
      try {
        await file.write(utf8(text.toWellFormed()));
        await file.close();
        await file.moveIntoPlace({ isForced: true });
      } catch (error) {
        await file.discard();
        throw error;
      }
    } catch {
      // A shell without a history still works.
    }
  }
}

export function isKept(line: string): boolean {
  return line !== '' && !line.startsWith(' ') && !SECRET.test(line);
}
