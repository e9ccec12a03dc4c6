/**
 * The interactive shell: the commands of the drive without options for who and where, a current
 * folder, completion, and a history that lasts. Ctrl-C ends the command that runs and nothing else;
 * on an empty line it says how to leave, and leaves when it is pressed again.
 */
import { createInterface, type Interface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { decodeTypedPieces } from '#lib/bytes/index.ts';
import type { Call } from '../command.ts';
import { CommandsFailed, EXIT } from '../errors.ts';
import { write } from '../io.ts';
import { showPath } from '../paths.ts';
import { showName } from '../text.ts';
import { complete } from './complete.ts';
import { History, HISTORY_LINES } from './history.ts';
import { perform } from './perform.ts';
import { SHELL_COMMANDS } from './shell-commands.ts';

/** Reads and runs lines until `exit` or the end of the input. */
export async function runShell(call: Call): Promise<void> {
  const { session } = await call.access.signedIn(call.signal);
  const history = new History(call.io.env, session.username, call.access.hasState);
  if (call.io.stdin.isTTY === true) return runOnTerminal(call, session.username, history);
  await runLines(call);
}

/** From a pipe: each line is a command, and all of them are run. */
async function runLines(call: Call): Promise<void> {
  const lines = createInterface({
    input: Readable.from(decodeTypedPieces(call.io.stdin)),
    signal: call.signal,
  });
  let failures = 0;
  for await (const line of lines) {
    if (isExit(line)) break;
    if ((await perform(call, line)) !== EXIT.done) failures++;
    call.signal.throwIfAborted();
  }
  lines.close();
  if (failures > 0) throw new CommandsFailed(`${failures} of these commands failed.`);
}

async function runOnTerminal(call: Call, username: string, history: History): Promise<void> {
  const { io, signal } = call;
  const lines = createInterface({
    input: io.stdin,
    output: io.stdout,
    terminal: true,
    history: await history.read(),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    signal,
    completer: (line: string) => complete(call, SHELL_COMMANDS, line),
  });
  lines.on('history', (kept: string[]) => history.keep(kept));
  const keyboard = new Keyboard(call, lines);
  await write(io, `Hello, ${showName(username)}. “help” lists the commands, “exit” ends.\n`);
  const prompt = (): void => {
    lines.setPrompt(`${showName(showPath(call.access.folder, username))} › `);
    lines.prompt();
  };
  prompt();
  let isSaid = false;
  for await (const line of lines) {
    isSaid = isExit(line);
    if (isSaid) break;
    await keyboard.whileRunning((stop) => perform({ ...call, signal: stop }, line));
    prompt();
  }
  lines.close();
  await history.settle();
  signal.throwIfAborted();
  // The next prompt of the calling shell begins on a new line.
  if (!isSaid) await write(io, '\n');
}

function isExit(line: string): boolean {
  return ['exit', 'quit'].includes(line.trim());
}

/** What Ctrl-C does: a terminal in raw mode sends a key, and no signal. */
class Keyboard {
  readonly #call: Call;
  readonly #lines: Interface;
  #running: AbortController | undefined;
  #hasHinted = false;

  constructor(call: Call, lines: Interface) {
    this.#call = call;
    this.#lines = lines;
    lines.on('SIGINT', () => this.#interrupt());
    lines.on('line', () => (this.#hasHinted = false));
  }

  async whileRunning(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    try {
      await work(AbortSignal.any([running.signal, this.#call.signal]));
    } finally {
      this.#running = undefined;
    }
  }

  #interrupt(): void {
    const { stdout } = this.#call.io;
    if (this.#running !== undefined) {
      // What does not hear of it the first time is left to those who end the process.
      if (this.#running.signal.aborted) process.kill(process.pid, 'SIGINT');
      this.#running.abort();
      return;
    }
    if (this.#lines.line === '' && this.#hasHinted) {
      this.#lines.close();
      return;
    }
    this.#hasHinted = this.#lines.line === '';
    stdout.write(this.#hasHinted ? '\nCtrl-C again, Ctrl-D or “exit” ends the shell.\n' : '^C\n');
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#lines.prompt();
  }
}
