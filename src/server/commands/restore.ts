/** `restore`: a backup into an empty data folder. */
import { resolve } from 'node:path';
import { restore as restoreFrom } from '../data/backup.ts';
import { showBytes } from '../settings/amounts.ts';
import { wordAt } from './command.ts';
import type { Command } from './command.ts';

export const restore: Command = {
  name: 'restore',
  words: 'FILE',
  what: 'fill an empty data folder from a backup',
  run: async (context) => {
    const file = resolve(wordAt(context, 0, 'which backup: restore FILE'));
    const { dataFolder } = context.settings;
    const { blocks, bytes, damaged } = await restoreFrom(dataFolder, file, Date.now);
    context.say(`${String(blocks)} blocks, ${showBytes(bytes)}, are in ${dataFolder}.`);
    if (damaged > 0) {
      context.say(`${String(damaged)} blocks that belong to files are missing or damaged.`);
    }
    return damaged === 0;
  },
};
