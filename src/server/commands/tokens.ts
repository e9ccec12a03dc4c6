/** `tokens`: invitations to sign up, each for one account (B-2 §6.4). */
import { systemRandom } from '#lib/crypto/index.ts';
import { addressOf } from '../http/hosts.ts';
import { parseBytes, showBytes } from '../settings/amounts.ts';
import { BadSetting } from '../settings/settings.ts';
import { runningAddresses } from '../data/running.ts';
import { nodeLink, signUpLink } from '../sign-up-link.ts';
import { ownAddresses } from '../webrtc/index.ts';
import { withNode, wordAt } from './command.ts';
import type { Command, CommandContext } from './command.ts';

/** So much of an id tells two invitations apart. */
const SHOWN_ID_DIGITS = 12;

export const tokens: Command = {
  name: 'tokens',
  words: 'add [operator] [SIZE] | list | remove ID',
  what: 'invitations to sign up, each for one account',
  run: async (context) => {
    const act = context.words[0] ?? 'list';
    if (act === 'add') await add(context);
    else if (act === 'list') await list(context);
    else if (act === 'remove') await remove(context);
    else throw new BadSetting(`"tokens ${act}" is not known: add, list or remove.`);
    return true;
  },
};

async function add({ settings, words, say }: CommandContext): Promise<void> {
  const grants = words.slice(1);
  const makesOperator = grants.includes('operator');
  const size = grants.find((it) => it !== 'operator');
  const quotaBytes = size === undefined ? undefined : parseBytes(size);
  const [token, multiaddrs] = await withNode(settings, async ({ operator }, { records }) => [
    await operator.createInvitation({ quotaBytes, makesOperator }),
    await ownAddresses({ settings, records, random: systemRandom, clock: Date.now }),
  ]);
  const [running] = runningAddresses(settings.dataFolder);
  const address = running ?? addressOf(settings, settings.port);
  say(signUpLink(address, token));
  const [multiaddr] = multiaddrs;
  if (multiaddr === undefined) return;
  say('In a copy of the app from elsewhere, which reaches this node without a domain:');
  say(nodeLink(settings.pageOrigins[0] ?? address, multiaddr, token));
}

async function list({ settings, say }: CommandContext): Promise<void> {
  const invitations = await withNode(settings, ({ operator }) => operator.invitations());
  for (const { id, createdMs, quotaBytes, makesOperator } of invitations) {
    const size = quotaBytes === undefined ? '' : `  ${showBytes(quotaBytes)}`;
    const role = makesOperator === true ? '  operator' : '';
    const shown = /^[0-9a-f]+$/u.test(id) ? id.slice(0, SHOWN_ID_DIGITS) : id;
    say(`${shown}  ${new Date(createdMs).toISOString()}${role}${size}`);
  }
  if (invitations.length === 0) say('There are no unused invitations.');
}

async function remove(context: CommandContext): Promise<void> {
  const wanted = wordAt(context, 1, 'which: tokens remove ID (as "tokens list" shows it)');
  await withNode(context.settings, async ({ operator }) => {
    const found = (await operator.invitations()).filter(({ id }) => id.startsWith(wanted));
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new BadSetting(`There is no single unused invitation ${wanted}.`);
    }
    await operator.removeInvitation(only.id);
  });
  context.say('Withdrawn.');
}
