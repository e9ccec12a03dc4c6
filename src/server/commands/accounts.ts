/** Commands for accounts that move between nodes (B-2 §12): `id`, `allow-migration`, `remove-account`. */
import { systemRandom } from '#lib/crypto/index.ts';
import { removeMovedAccount } from '#lib/node-local/index.ts';
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

export const allowMigration: Command = {
  name: 'allow-migration',
  words: 'NAME [SIZE]',
  what: 'let an account move here from a --peer without an open sign-up',
  run: async (context) => {
    const name = wordAt(context, 0, 'which account: allow-migration NAME [SIZE]');
    const size = context.words[1];
    const quotaBytes = size === undefined ? undefined : parseBytes(size);
    await withNode(context.settings, ({ operator }) =>
      operator.allowMigration(name, { quotaBytes }),
    );
    context.say(`${name} may move here.`);
    return true;
  },
};

export const removeAccount: Command = {
  name: 'remove-account',
  words: 'NAME',
  what: 'remove what an account left here that has moved to another node',
  run: async (context) => {
    const name = wordAt(context, 0, 'which account: remove-account NAME');
    const home = await withNode(context.settings, (_, { blocks, records }) =>
      removeMovedAccount({ blocks, records, clock: Date.now, random: systemRandom }, name),
    );
    context.say(`Nothing of ${name} is here any more; the account is at ${home.toString()}.`);
    return true;
  },
};
