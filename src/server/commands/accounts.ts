/** Accounts that come from other nodes and go there (B-2 §12): `id`, `welcome` and `forget`. */
import { systemRandom } from '#lib/crypto/index.ts';
import { forgetMovedAccount } from '#lib/node-local/index.ts';
import { parseBytes } from '../settings/amounts.ts';
import { withNode, wordAt } from './command.ts';
import type { Command } from './command.ts';

export const id: Command = {
  name: 'id',
  words: '',
  what: "say this node's id, by which others name it as their --peer",
  run: async ({ settings, say }) => {
    await withNode(settings, async ({ blocks }) => {
      say((await blocks.nodeId()).toString());
    });
    return true;
  },
};

export const welcome: Command = {
  name: 'welcome',
  words: 'NAME [SIZE]',
  what: 'let an account move here from a --peer without an open sign-up',
  run: async (context) => {
    const name = wordAt(context, 0, 'who: welcome NAME [SIZE]');
    const size = context.words[1];
    const quotaBytes = size === undefined ? undefined : parseBytes(size);
    await withNode(context.settings, ({ operator }) => operator.welcome(name, { quotaBytes }));
    context.say(`${name} may move here.`);
    return true;
  },
};

export const forget: Command = {
  name: 'forget',
  words: 'NAME',
  what: 'remove what an account left here that has moved to another node',
  run: async (context) => {
    const name = wordAt(context, 0, 'whom: forget NAME');
    const home = await withNode(context.settings, (_, { blocks, records }) =>
      forgetMovedAccount({ blocks, records, clock: Date.now, random: systemRandom }, name),
    );
    context.say(`Nothing of ${name} is here any more; the account is at ${home.toString()}.`);
    return true;
  },
};
