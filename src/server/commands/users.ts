/** `users`: who has an account, how much each one uses and may use. */
import { showBytes } from '../settings/amounts.ts';
import { withNode } from './command.ts';
import type { Command } from './command.ts';

export const users: Command = {
  name: 'users',
  words: '',
  what: 'who has an account, and how much space each one uses',
  run: async ({ settings, say }) => {
    await withNode(settings, async ({ names, operator }) => {
      for (const name of (await names.usernames()).sort()) {
        const { usedBytes, quotaBytes } = await operator.usage(name);
        say(`${name.padEnd(34)} ${showBytes(usedBytes)} of ${showBytes(quotaBytes)}`);
      }
    });
    return true;
  },
};
