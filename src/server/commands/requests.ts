/** `requests`: users who asked for more space (B-5 §2). */
import { showBytes } from '../settings/amounts.ts';
import { BadSetting } from '../settings/settings.ts';
import { withNode, wordAt } from './command.ts';
import type { Command } from './command.ts';

export const requests: Command = {
  name: 'requests',
  words: '[approve NAME | reject NAME]',
  what: 'who asked for more space; grant or refuse it',
  run: async (context) => {
    const { settings, words, say } = context;
    const act = words[0] ?? 'list';
    if (!['list', 'approve', 'reject'].includes(act)) {
      throw new BadSetting(`"requests ${act}" is not known: approve or reject.`);
    }
    await withNode(settings, async ({ operator }) => {
      const waiting = await operator.spaceRequests();
      if (act === 'list') {
        for (const { username, quotaBytes } of waiting) {
          const { usedBytes, quotaBytes: now } = await operator.usage(username);
          const used = `uses ${showBytes(usedBytes)} of ${showBytes(now)}`;
          say(`${username.padEnd(34)} asks for ${showBytes(quotaBytes)}, ${used}`);
        }
        if (waiting.length === 0) say('Nobody asks for more space.');
        return;
      }
      const name = wordAt(context, 1, `whose: requests ${act} NAME`);
      const asked = waiting.find(({ username }) => username === name);
      if (asked === undefined) throw new BadSetting(`${name} has not asked for more space.`);
      if (act === 'approve') await operator.setQuota(name, asked.quotaBytes);
      await operator.rejectSpaceRequest(name);
      say(act === 'approve' ? `${name} has ${showBytes(asked.quotaBytes)} now.` : 'Refused.');
    });
    return true;
  },
};
