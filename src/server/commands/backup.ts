/** `backup`: everything the node keeps, in one file, while it runs. */
import { resolve } from 'node:path';
import { backUp } from '../data/backup.ts';
import { showBytes } from '../settings/amounts.ts';
import { BadSetting } from '../settings/settings.ts';
import { wordAt } from './command.ts';
import type { Command } from './command.ts';

export const backup: Command = {
  name: 'backup',
  words: 'FILE',
  what: 'write everything into one archive; the node may go on running',
  run: async (context) => {
    const file = resolve(wordAt(context, 0, 'where to: backup FILE'));
    const { dataFolder, blocksUrl, recordsUrl } = context.settings;
    if (blocksUrl !== undefined || recordsUrl !== undefined) {
      throw new BadSetting(
        'This node keeps its data elsewhere: back up the database with its own tools (pg_dump) ' +
          'first, then the bucket. Blocks that are in the bucket and not in the database do no harm.',
      );
    }
    const { blocks, bytes, damaged } = await backUp(dataFolder, file, Date.now);
    context.say(`${String(blocks)} blocks, ${showBytes(bytes)}, and all records are in ${file}.`);
    if (damaged > 0) {
      context.say(`${String(damaged)} blocks that belong to files are missing or damaged.`);
    }
    return damaged === 0;
  },
};
