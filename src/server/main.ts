/**
 * `npm run node`: the node itself without a command, else one of the operator's commands. What a
 * person reads goes to standard output, the log to standard error.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { describeSystemError, EXIT } from '#lib/system/index.ts';
import { allowMigration, id, removeAccount } from './commands/accounts.ts';
import { address } from './commands/address.ts';
import { backup } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { exitCodeOf, explainFailure } from './commands/failures.ts';
import { collect } from './commands/collect.ts';
import type { Command } from './commands/command.ts';
import { messages } from './commands/messages.ts';
import { quota } from './commands/quota.ts';
import { registry } from './commands/registry.ts';
import { requests } from './commands/requests.ts';
import { restore } from './commands/restore.ts';
import { rotateId } from './commands/rotate-id.ts';
import { serve } from './commands/serve.ts';
import { tokens } from './commands/tokens.ts';
import { users } from './commands/users.ts';
import { optionsHelp, readCommandLine, readSettings } from './settings/read-settings.ts';
import { BadSetting } from './settings/settings.ts';
import { suggestion } from './settings/suggestion.ts';
import { VERSION } from './version.ts';

const COMMANDS: readonly Command[] = [
  serve,
  check,
  id,
  address,
  registry,
  rotateId,
  tokens,
  users,
  allowMigration,
  removeAccount,
  quota,
  requests,
  messages,
  collect,
  backup,
  restore,
];

export interface Environment {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder of a built site, where one was found. */
  readonly siteFolder: string | undefined;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Runs one command; answers the exit code. */
export async function main(args: readonly string[], around: Environment): Promise<number> {
  try {
    const given = readCommandLine(args);
    if (given.texts.has('help')) {
      around.say(help());
      return 0;
    }
    if (given.texts.has('version')) {
      around.say(VERSION);
      return 0;
    }
    const [name = given.texts.has('check') ? 'check' : 'serve', ...words] = given.words;
    const command = COMMANDS.find((it) => it.name === name);
    if (command === undefined) throw unknownCommand(name);
    const settings = readSettings(given, around.environment, around.siteFolder);
    const run = command.run({ settings, words, say: around.say });
    const isWell = await run.catch((error: unknown) => {
      throw explainFailure(error, settings);
    });
    return isWell ? EXIT.done : EXIT.failed;
  } catch (error) {
    const told = describeSystemError(error)?.message;
    if (!(error instanceof PyrgosError) && told === undefined) throw error;
    around.complain(told ?? (error as PyrgosError).message);
    return exitCodeOf(error as Error);
  }
}

function help(): string {
  const commands = COMMANDS.map(
    ({ name, words, what }) => `  ${`${name} ${words}`.padEnd(48)} ${what}`,
  );
  return [
    'npm run node -- [COMMAND] --data DIR [OPTIONS]',
    '',
    'Commands:',
    ...commands,
    '',
    'Options (also as PYRGOS_… in the environment and in DIR/node.json):',
    optionsHelp(),
    `  ${'--check'.padEnd(34)} the same as the command check`,
  ].join('\n');
}

function unknownCommand(name: string): BadSetting {
  const near = suggestion(
    name,
    COMMANDS.map((it) => it.name),
  );
  const hint = near === undefined ? 'See --help.' : `Did you mean ${near}?`;
  return new BadSetting(`There is no command ${name}. ${hint}`);
}
