/** What the command line says about itself. */
import type { Command } from './command.ts';

export function helpOfAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `pyrgos: a private drive, from a terminal

Usage: pyrgos [OPTIONS] COMMAND …
       pyrgos [OPTIONS]              an interactive shell

${lines.join('\n')}
  ${'serve'.padEnd(width)}  Runs a node for others; it has options of its own (serve --help).

Options of every command:
  -n, --node ADDRESS      https://… of a server, or dir:PATH for a drive on this disk
  -u, --user NAME         whose drive
  --password-file FILE    its first line is the password
  --password TEXT         shown to everybody who can list processes: better a file
  --code CODE             of an authenticator app, or a backup code
  --witness ADDRESS       a second node, asked too before keys of people are believed
  --accept-change         the account is not as it was last time, and that is meant
  --accept-rollback       the node holds an older state than before, and that is meant
  --no-state              neither reads nor keeps what this machine remembers: then nobody
                          notices an account that changed hands or a node that went back
  --json                  one JSON object a line, errors included
  -q, --quiet             no progress bar
  -h, --help              help for a command: pyrgos ls --help

Environment: PYRGOS_NODE, PYRGOS_USER, PYRGOS_PASSWORD, PYRGOS_PASSWORD_FILE, PYRGOS_WITNESS,
PYRGOS_TOKEN, PYRGOS_NEW_PASSWORD.

Paths in the drive are relative to the home folder, or begin with / (/docs/a.txt and
/alice/docs/a.txt are the same for alice). What bob shares begins with two: //bob/docs/a.txt.

Exit codes: 0 done, 1 failed, 2 misused, 3 refused (password, rights), 4 not found,
5 exists already or was changed meanwhile, 6 no room, 7 node unreachable, 8 damaged,
130 interrupted, 141 the reader of the output went away.
`;
}

export function helpOf({ name, summary, usage, options = {} }: Command): string {
  const names = Object.entries(options).map(([long, { short, type }]) => {
    const flag = short === undefined ? `    --${long}` : `-${short}, --${long}`;
    return `  ${flag}${type === 'string' ? ' …' : ''}`;
  });
  const list = names.length === 0 ? '' : `\nOptions:\n${names.join('\n')}\n`;
  return `${summary}\n\nUsage: pyrgos ${name} ${usage}\n${list}`;
}
