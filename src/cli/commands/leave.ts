/** `leave`: what others shared is not shown any more. */
import { leave as leaveShared, ShareRefused } from '#lib/social/index.ts';
import { type Command } from '../command.ts';
import { write } from '../io.ts';
import { showPath } from '../paths.ts';
import { jsonLine } from '../text.ts';
import { isSet } from '../values.ts';

export const leave: Command = {
  name: 'leave',
  summary: 'Takes what was shared with you off what you see, until it is shared again.',
  usage: '[--json] PATH…',
  operands: [1, Infinity],
  async run(call) {
    const { access, signal } = call;
    const { drive, session } = await access.signedIn(signal);
    for (const path of await access.paths(call.operands, signal)) {
      const name = path.at(-1) ?? '';
      if (path.length < 2) throw new ShareRefused('A whole drive cannot be left.');
      const folder = await access.open(path.slice(0, -1), signal);
      const row = await drive.find(folder, name, signal);
      if (row === undefined) throw await access.notFound(path);
      await leaveShared(folder, [row], signal);
      const shown = showPath([...path.slice(0, -1), row.name], session.username);
      if (isSet(call, 'json')) await write(call.io, jsonLine({ path: shown }));
    }
  },
};
