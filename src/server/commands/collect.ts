/** `collect`: removes at once what nothing leads to any more, beside a running node or without. */
import { createLog } from '../observe/log.ts';
import { showBytes } from '../settings/amounts.ts';
import { collectAll } from '../work/collection.ts';
import { withNode } from './command.ts';
import type { Command } from './command.ts';

export const collect: Command = {
  name: 'collect',
  words: '',
  what: 'remove now what was deleted',
  run: async ({ settings, say }) => {
    const log = createLog(settings.logLevel);
    const run = await withNode(settings, (node, { records }) =>
      collectAll({ node, records, clock: Date.now, log }),
    );
    if (run === undefined) {
      say('A collection is under way already.');
      return true;
    }
    say(`${String(run.removedBlocks)} blocks were removed: ${showBytes(run.removedBytes)}.`);
    return run.stopped === 0;
  },
};
