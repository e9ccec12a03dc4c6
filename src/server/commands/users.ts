/** `users`: who has an account, how much each one uses and may use. */
import { withNode } from './command.ts';
import type { Command } from './command.ts';
import { showBeside, showUsage } from './usage.ts';

export const users: Command = {
  name: 'users',
  words: '',
  what: 'who has an account, and how much space each one uses',
  run: async ({ settings, say }) => {
    await withNode(settings, async ({ names, operator }) => {
      for (const name of (await names.usernames()).sort()) {
        const used = await operator.usage(name);
        say(`${name.padEnd(34)} ${showUsage(used)}${showBeside(used)}`);
      }
    });
    return true;
  },
};
