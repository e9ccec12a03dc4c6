/** `quota`: how much space an account may use. A change counts at once. */
import { parseBytes } from '../settings/amounts.ts';
import { withNode, wordAt } from './command.ts';
import type { Command } from './command.ts';
import { showBeside, showUsage } from './usage.ts';

export const quota: Command = {
  name: 'quota',
  words: 'NAME [SIZE]',
  what: 'show or set how much space an account may use',
  run: async (context) => {
    const name = wordAt(context, 0, 'whose: quota NAME [SIZE]');
    const size = context.words[1];
    await withNode(context.settings, async ({ operator }) => {
      if (size !== undefined) await operator.setQuota(name, parseBytes(size));
      const used = await operator.usage(name);
      context.say(`${name} uses ${showUsage(used)}${showBeside(used)}.`);
    });
    return true;
  },
};
