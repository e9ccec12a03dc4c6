/** `messages`: conversations with users (B-5 §4). They are not encrypted, and say so in the app. */
import type { LocalNode } from '#lib/node-local/index.ts';
import { BadSetting } from '../settings/settings.ts';
import { withNode, wordAt } from './command.ts';
import type { Command, CommandContext } from './command.ts';

export const messages: Command = {
  name: 'messages',
  words: '[list [NAME] | send NAME TEXT | reply NAME ID TEXT]',
  what: 'read what users wrote, and write to them',
  run: async (context) => {
    const act = context.words[0] ?? 'list';
    await withNode(context.settings, async (node) => {
      if (act === 'list') await list(node, context);
      else if (act === 'send') await send(node, context, 2, undefined);
      else if (act === 'reply') await send(node, context, 3, idAt(context));
      else throw new BadSetting(`"messages ${act}" is not known: list, send or reply.`);
    });
    return true;
  },
};

async function list({ names, operator }: LocalNode, { words, say }: CommandContext): Promise<void> {
  const only = words[1];
  for (const name of only === undefined ? (await names.usernames()).sort() : [only]) {
    for (const message of await operator.messages(name)) {
      const { id, sentMs, isFromUser, isDismissed, repliesTo, body } = message;
      const direction = isFromUser ? `from ${name}` : `to ${name}`;
      const reply = repliesTo === undefined ? '' : `, replies to ${String(repliesTo)}`;
      const state = isDismissed ? ', dismissed' : '';
      say(`#${String(id)} ${new Date(sentMs).toISOString()} ${direction}${reply}${state}`);
      say(printable(body).replaceAll(/^/gmu, '    '));
    }
  }
}

async function send(
  { operator }: LocalNode,
  context: CommandContext,
  textAt: number,
  repliesTo: number | undefined,
): Promise<void> {
  const name = wordAt(context, 1, 'to whom');
  wordAt(context, textAt, 'what');
  const body = context.words.slice(textAt).join(' ');
  const { id } = await operator.sendMessage(name, body, repliesTo);
  context.say(`Sent as #${String(id)}.`);
}

function idAt(context: CommandContext): number {
  const word = wordAt(context, 2, 'which message is answered: messages reply NAME ID TEXT');
  const id = /^#?\d{1,15}$/u.test(word) ? Number(word.replace('#', '')) : NaN;
  if (Number.isNaN(id)) throw new BadSetting(`"${word}" is not the number of a message.`);
  return id;
}

/** A user's text must not steer the operator's terminal. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{Cc}\n]/gu, '\u{fffd}');
}
