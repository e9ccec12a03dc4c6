/**
 * The command line: reads what was typed, runs one command (or the shell), and ends with a sentence
 * and an exit code. Nothing else of the program may end the process.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { collectGarbageAfter } from '../server/garbage.ts';
import { Access } from './access.ts';
import { checkOperands, GLOBAL_OPTIONS, parse, type Command } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { describeFailure, EXIT, Misused } from './errors.ts';
import { helpOf, helpOfAll } from './help.ts';
import { processIo, warn, write, type Io } from './io.ts';
import { jsonLine } from './text.ts';
import { type Values } from './values.ts';

const HEAP_GROWTH_PERCENT = 300;

/** Runs the process's command and sets its exit code. */
export async function run(args: readonly string[]): Promise<void> {
  collectGarbageAfter(HEAP_GROWTH_PERCENT);
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
    // The second Ctrl-C ends the program at once.
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  process.exitCode = await main(args, processIo(), stop.signal);
  process.removeListener('SIGINT', interrupt);
  process.removeListener('SIGTERM', interrupt);
}

/** Runs one command; answers its exit code and never throws. */
export async function main(
  args: readonly string[],
  io: Io,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  let isJson = args.includes('--json');
  try {
    if (args[0] === 'serve') return await serve(args.slice(1), io);
    const typed = separate(args);
    isJson = typed.values['json'] === true;
    await perform(typed, io, signal);
    return EXIT.done;
  } catch (error) {
    const failure = describeFailure(signal.aborted ? signal.reason : error);
    // A reader that closes a long output after its first lines gets no message.
    if (failure.exitCode === EXIT.readerGone) return failure.exitCode;
    const help = failure.exitCode === EXIT.misused ? `Try: ${whereHelpIs(args)}\n` : '';
    const told = isJson ? jsonLine({ error: failure }) : `pyrgos: ${failure.message}\n${help}`;
    io.stderr.write(told);
    return failure.exitCode;
  }
}

function whereHelpIs(args: readonly string[]): string {
  const command = COMMANDS.find(({ name }) => name === commandName(args));
  return command === undefined ? 'pyrgos --help' : `pyrgos ${command.name} --help`;
}

/** The self-hosted node, with options of its own: `pyrgos serve --help`. */
async function serve(args: readonly string[], io: Io): Promise<number> {
  const { main: runNode } = await import('../server/main.ts');
  const site = fileURLToPath(new URL('../../dist', import.meta.url));
  return runNode(args, {
    environment: io.env,
    siteFolder: existsSync(join(site, 'index.html')) ? site : undefined,
    say: (line) => void io.stdout.write(`${line}\n`),
    complain: (line) => void io.stderr.write(`${line}\n`),
  });
}

interface Typed {
  readonly command: Command | undefined;
  readonly values: Values;
  readonly operands: readonly string[];
}

async function perform({ command, values, operands }: Typed, io: Io, signal: AbortSignal) {
  if (values['help'] === true) {
    await write(io, command === undefined ? helpOfAll(COMMANDS) : helpOf(command));
    return;
  }
  const access = new Access(io, {
    node: text(values['node']),
    user: text(values['user']),
    password: text(values['password']),
    passwordFile: text(values['password-file']),
    code: text(values['code']),
    witness: text(values['witness']),
    acceptsChange: values['accept-change'] === true,
    acceptsRollback: values['accept-rollback'] === true,
    hasState: values['no-state'] !== true,
    onDamaged: (file) => warn({ io, values }, `${file} was damaged and counts no more.`, { file }),
  });
  try {
    const call = { io, values, operands, access, signal };
    if (command?.movesContents === true) access.expectContents();
    if (command !== undefined) await command.run(call);
    else await (await import('./shell/shell.ts')).runShell(call);
  } finally {
    await access.close();
  }
}

/** Finds the command among the arguments and reads its options. Throws `Misused`. */
function separate(args: readonly string[]): Typed {
  const name = commandName(args);
  if (name === undefined) {
    const { values, operands } = parse(args, {});
    return { command: undefined, values, operands };
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    const close = COMMANDS.find((one) => name !== '' && one.name.startsWith(name.slice(0, 2)));
    const hint = close === undefined ? '' : ` Did you mean ${close.name}?`;
    throw new Misused(`There is no command “${name}”.${hint}`);
  }
  const { values, operands } = parse(args, command.options ?? {});
  const typed = { command, values, operands: operands.slice(1) };
  if (values['help'] !== true) checkOperands(command, typed.operands.length);
  return typed;
}

/** The first argument that is no option and no option's value. */
function commandName(args: readonly string[]): string | undefined {
  const { tokens } = parseArgs({
    args: [...args],
    options: GLOBAL_OPTIONS,
    strict: false,
    tokens: true,
  });
  return tokens.find((token) => token.kind === 'positional')?.value;
}

function text(value: Values[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
