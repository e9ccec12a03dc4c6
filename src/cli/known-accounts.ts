/**
 * Whose the accounts of servers are that were opened from here, and how their passwords are
 * stretched: what a hostile server would have to change. No secret is in it.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KnownState } from '#lib/account/index.ts';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';

/** A file for each account, so that two commands at once do not undo each other's. */
export class KnownAccounts {
  readonly #env: Io['env'];

  constructor(env: Io['env']) {
    this.#env = env;
  }

  /** Throws what keeps a file that is there from being read: then nothing is known for sure. */
  async read(origin: string, username: string): Promise<KnownState | undefined> {
    let text: string;
    try {
      text = await readFile(this.#file(origin, username), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const [identity = '', algorithm = ''] = text.split('\n');
    return { identity, algorithm: fromHex(algorithm) };
  }

  async keep(origin: string, username: string, known: KnownState): Promise<void> {
    const file = this.#file(origin, username);
    const part = `${file}.${process.pid}`;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(part, `${known.identity}\n${toHex(known.algorithm)}\n`, { mode: 0o600 });
    await rename(part, file);
  }

  #file(origin: string, username: string): string {
    return join(stateFolder(this.#env), `account-${encodeURIComponent(`${username}@${origin}`)}`);
  }
}
