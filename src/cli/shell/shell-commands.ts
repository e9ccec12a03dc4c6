/** What can be said to the shell: the commands of the drive, and those of the shell itself. */
import { NotADirectory } from '#lib/drive/index.ts';
import { write } from '../io.ts';
import type { Command } from '../command.ts';
import { DRIVE_COMMANDS } from '../commands/index.ts';
import { showPath } from '../paths.ts';
import { showName } from '../text.ts';

const cd: Command = {
  name: 'cd',
  summary: 'Changes the current folder; without a path to the home folder.',
  usage: '[PATH]',
  operands: [0, 1],
  async run({ access, operands, signal }) {
    const [path = []] = await access.paths([operands[0] ?? '~'], signal);
    const handle = await access.open(path, signal);
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

export const SHELL_COMMANDS: readonly Command[] = [cd, pwd, ...DRIVE_COMMANDS];
