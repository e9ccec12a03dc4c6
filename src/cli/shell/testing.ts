/** A real terminal for tests: util-linux's `script` runs the shell on a pseudo-terminal. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const COMMAND = fileURLToPath(new URL('../pyrgos.mjs', import.meta.url));
const DEADLINE_MS = 30_000;
const KEY_MS = 50;

/** Other systems' `script` has other options. */
export const hasTerminals =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

export const KEY = { ctrlC: '\u0003', ctrlD: '\u0004', tab: '\t', enter: '\r', up: '\u001b[A' };

export class Terminal {
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  #seen = '';
  #read = 0;

  constructor(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const words = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`);
    this.#process = spawn('script', ['-qefc', `stty cols 200; ${words.join(' ')}`, '/dev/null'], {
      cwd: options.cwd,
      env: { ...options.env, SHELL: '/bin/sh', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exit = once(this.#process, 'exit');
    this.#process.stdout?.on('data', (piece: Buffer) => (this.#seen += piece.toString('utf8')));
  }

  /** One after the other: what comes at once counts as pasted, in which a tab is a tab. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#process.stdin?.write(key);
      await new Promise((resolve) => setTimeout(resolve, KEY_MS));
    }
  }

  /** What the terminal shows up to this, from where the last one was found, without its colours. */
  async until(wanted: string): Promise<string> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const shown = stripVTControlCharacters(this.#seen).slice(this.#read);
      const at = shown.indexOf(wanted);
      if (at >= 0) {
        this.#read += at + wanted.length;
        return shown.slice(0, at + wanted.length);
      }
      if (Date.now() > deadline) throw new Error(`“${wanted}” did not come, but: ${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The exit code, when the shell has ended. */
  async ended(): Promise<number | null> {
    const [code] = await this.#exit;
    return code as number | null;
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}
