/** `quota`: how much space an account may use. A change counts at once. */
import { parseBytes, showBytes } from '../settings/amounts.ts';
import { withNode, wordAt } from './command.ts';
import type { Command } from './command.ts';

export const quota: Command = {
  name: 'quota',
  words: 'NAME [SIZE]',
  what: 'show or set how much space an account may use',
  run: async (context) => {
    const name = wordAt(context, 0, 'whose: quota NAME [SIZE]');
    const size = context.words[1];
    await withNode(context.settings, async ({ operator }) => {
      if (size !== undefined) await operator.setQuota(name, parseBytes(size));
      const { usedBytes, quotaBytes } = await operator.usage(name);
      context.say(`${name} uses ${showBytes(usedBytes)} of ${showBytes(quotaBytes)}.`);
    });
    return true;
  },
};
