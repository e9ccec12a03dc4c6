/** One line of the shell. */
import { checkOperands, GLOBAL_OPTIONS, parse, type Call, type Command } from '../command.ts';
import { describeFailure, EXIT, Misused } from '../errors.ts';
import { helpOf } from '../help.ts';
import { write } from '../io.ts';
import { jsonLine } from '../text.ts';
import { SHELL_COMMANDS } from './shell-commands.ts';
import { words } from './words.ts';

/** Runs a line; answers its exit code. What failed is said and ends nothing. */
export async function perform(call: Call, line: string): Promise<number> {
  let isJson = call.values['json'] === true;
  try {
    const [name, ...args] = words(line);
    if (name === undefined) return EXIT.done;
    if (name === 'help') await write(call.io, helpFor(args[0]));
    else {
      const command = commandOf(name);
      const { values, operands } = parse(args, command.options ?? {});
      isJson ||= values['json'] === true;
      await run({ ...call, values, operands, isShell: true }, command, call.values);
    }
    return EXIT.done;
  } catch (error) {
    const failure = describeFailure(call.signal.aborted ? call.signal.reason : error);
    call.io.stderr.write(isJson ? jsonLine({ error: failure }) : `${failure.message}\n`);
    return failure.exitCode;
  }
}

const FOR_ALL = new Set(['json', 'quiet', 'help']);

async function run(call: Call, command: Command, given: Call['values']): Promise<void> {
  if (call.values['help'] === true) return write(call.io, helpOf(command));
  const other = Object.keys(GLOBAL_OPTIONS).find(
    (option) => !FOR_ALL.has(option) && call.values[option] !== undefined,
  );
  if (other !== undefined) {
    throw new Misused(
      `The shell stays with whom and where it began: --${other} is for starting it.`,
    );
  }
  checkOperands(command, call.operands.length);
  await command.run({ ...call, values: { ...given, ...call.values } });
}

function commandOf(name: string): Command {
  const command = SHELL_COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  throw new Misused(`There is no command “${name}” in the shell. “help” lists them.`);
}

function helpFor(name: string | undefined): string {
  if (name !== undefined) return helpOf(commandOf(name));
  const list = SHELL_COMMANDS.map((one) => `${one.name} ${one.usage}`.padEnd(48) + one.summary);
  const own = ['help [COMMAND]'.padEnd(48) + 'This list, or one command.', 'exit'];
  return `${[...list, ...own].join('\n')}\n`;
}
