/**
 * The interactive shell: the commands of the drive without options for who and where, a current
 * folder, completion of commands and paths, and a history that lasts.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { NotADirectory } from '#lib/drive/index.ts';
import { checkOperands, parse, type Call, type Command } from './command.ts';
import { DRIVE_COMMANDS } from './commands/index.ts';
import { describeFailure, Misused } from './errors.ts';
import { write } from './io.ts';
import { remotePath, showPath } from './paths.ts';
import { showName } from './text.ts';

const HISTORY_LINES = 1000;

const cd: Command = {
  name: 'cd',
  summary: 'Changes the current folder.',
  usage: '[PATH]',
  operands: [0, 1],
  async run({ access, operands, signal }) {
    const { drive, session } = await access.signedIn(signal);
    const path = remotePath(operands[0] ?? '~', access.folder, session.username);
    const handle = await drive.resolve(path, signal);
    if (!handle.isDirectory) throw new NotADirectory(handle.name);
    access.folder = path;
  },
};

const pwd: Command = {
  name: 'pwd',
  summary: 'Shows the current folder.',
  usage: '',
  operands: [0, 0],
  async run({ access, io, signal }) {
    const { session } = await access.signedIn(signal);
    await write(io, `${showName(showPath(access.folder, session.username))}\n`);
  },
};

const COMMANDS: readonly Command[] = [cd, pwd, ...DRIVE_COMMANDS];

/** Reads and runs lines until `exit` or the end of the input. */
export async function runShell(call: Call): Promise<void> {
  const { io, access, signal } = call;
  const { session } = await access.signedIn(signal);
  const isTerminal = io.stdin.isTTY === true;
  const history = historyFile(io.env);
  const lines = createInterface({
    input: io.stdin,
    output: io.stdout,
    terminal: isTerminal,
    history: isTerminal ? await readHistory(history) : [],
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(call, line),
  });
  if (isTerminal) await write(io, `Hello, ${session.username}. “help” lists the commands.\n`);
  lines.on('history', (kept: string[]) => void writeHistory(history, kept));
  let failures = 0;
  try {
    for await (const line of promptedLines(lines, () => prompt(call, session.username))) {
      if (line.trim() === 'exit' || line.trim() === 'quit') break;
      failures += (await perform(call, line)) ? 0 : 1;
    }
  } finally {
    lines.close();
  }
  if (!isTerminal && failures > 0) throw new Misused(`${failures} of these commands failed.`);
}

function prompt({ io, access }: Call, username: string): string {
  if (io.stdin.isTTY !== true) return '';
  return `${showName(showPath(access.folder, username))} › `;
}

async function* promptedLines(lines: Interface, question: () => string): AsyncGenerator<string> {
  lines.setPrompt(question());
  lines.prompt();
  for await (const line of lines) {
    yield line;
    lines.setPrompt(question());
    lines.prompt();
  }
}

/** Runs one line; `false` when it failed, which is said and ends nothing. */
async function perform(call: Call, line: string): Promise<boolean> {
  try {
    const [name, ...args] = words(line);
    if (name === undefined) return true;
    if (name === 'help') {
      const list = COMMANDS.map((one) => `${one.name} ${one.usage}`.padEnd(44) + one.summary);
      await write(call.io, `${[...list, 'exit'].join('\n')}\n`);
      return true;
    }
    const command = COMMANDS.find((one) => one.name === name);
    if (command === undefined) throw new Misused(`There is no command “${name}”. Try help.`);
    const { values, operands } = parse(args, command.options ?? {});
    checkOperands(command, operands.length);
    await command.run({ ...call, values: { ...call.values, ...values }, operands });
    return true;
  } catch (error) {
    call.io.stderr.write(`${describeFailure(error).message}\n`);
    return false;
  }
}

/** Words as a person's shell splits them: blanks, quotes, and backslashes. Throws `Misused`. */
export function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const unit = line[at] ?? '';
    if (quote === '' && /\s/u.test(unit)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else if (quote === '' && (unit === '"' || unit === "'")) {
      quote = unit;
      word ??= '';
    } else if (unit === quote) {
      quote = '';
    } else if (unit === '\\' && quote !== "'" && at + 1 < line.length) {
      word = (word ?? '') + (line[++at] ?? '');
    } else {
      word = (word ?? '') + unit;
    }
  }
  if (quote !== '') throw new Misused('A quote is not closed.');
  if (word !== undefined) found.push(word);
  return found;
}

/** What the last word may become: a command at the beginning of a line, else a remote path. */
async function complete(call: Call, line: string): Promise<[string[], string]> {
  const last = /(?:[^\s\\]|\\.)*$/u.exec(line)?.[0] ?? '';
  if (line.slice(0, line.length - last.length).trim() === '') {
    return [COMMANDS.map(({ name }) => `${name} `).filter((name) => name.startsWith(last)), last];
  }
  try {
    const { drive, session } = await call.access.signedIn(call.signal);
    const typed = last.replaceAll(/\\(.)/gu, '$1');
    const cut = typed.lastIndexOf('/') + 1;
    const folderText = typed.slice(0, cut) || '.';
    const path = remotePath(folderText, call.access.folder, session.username);
    const folder = await drive.resolve(path, call.signal);
    const found: string[] = [];
    for await (const batch of drive.list(folder, { signal: call.signal })) {
      for (const { name, isDirectory } of batch) {
        if (!name.startsWith(typed.slice(cut)) || showName(name) !== name) continue;
        const whole = `${typed.slice(0, cut)}${name}`.replaceAll(/[\s\\'"]/gu, String.raw`\$&`);
        found.push(`${whole}${isDirectory ? '/' : ' '}`);
      }
    }
    return [found, last];
  } catch {
    return [[], last];
  }
}

/** Lines that were typed; they name files but hold no secret. */
function historyFile(env: Call['io']['env']): string {
  const state = env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return join(state, 'pyrgos', 'history');
}

async function readHistory(file: string): Promise<string[]> {
  try {
    const text = await readFile(file, 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, HISTORY_LINES);
  } catch {
    return [];
  }
}

async function writeHistory(file: string, lines: readonly string[]): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A shell without a history still works.
  }
}
