/** The command `rotate-id`: the node takes a new id, and the old one signs who follows (B-2 §7). */
import { systemRandom } from '#lib/crypto/index.ts';
import { rotateNodeId } from '#lib/node-local/index.ts';
import { runningAddresses } from '../data/running.ts';
import { BadSetting } from '../settings/settings.ts';
import { withNode } from './command.ts';
import type { Command } from './command.ts';

export const rotateId: Command = {
  name: 'rotate-id',
  words: '',
  what: 'give this node a new key and id, while it is stopped; the old key signs who follows',
  run: async ({ settings, say }) => {
    if (runningAddresses(settings.dataFolder).length > 0) {
      throw new BadSetting('Stop the node first: one that runs goes on with its old id.');
    }
    const { former, nodeId } = await withNode(settings, (_, { records }) =>
      rotateNodeId({ records, clock: Date.now, random: systemRandom }),
    );
    say(`The id was ${former.toString()} and is ${nodeId.toString()} now.`);
    say('Accounts follow by themselves. Start the node at the address it had, and keep it there:');
    say('other nodes ask for the new id where the old one was.');
    return true;
  },
};
