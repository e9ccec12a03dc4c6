/** `uploads`: large files whose upload broke off, which take room until they are gone on with. */
import { type Command } from '../command.ts';
import { write } from '../io.ts';
import { jsonLine, showBytes, showName } from '../text.ts';
import { isSet } from '../values.ts';

export const uploads: Command = {
  name: 'uploads',
  summary: 'Lists uploads that broke off; the same put goes on with one, --clear ends all.',
  usage: '[--clear] [--json]',
  options: { clear: { type: 'boolean' } },
  operands: [0, 0],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    const open = drive.uploads();
    for (const upload of await open.list(call.signal)) {
      if (isSet(call, 'clear')) await open.clear(upload, call.signal);
      const { sizeBytes, isResumable } = upload;
      const path = upload.path.length === 0 ? null : `/${upload.path.join('/')}`;
      const text = isSet(call, 'json')
        ? jsonLine({ path, size: sizeBytes, resumable: isResumable })
        : `${showBytes(sizeBytes).padStart(9)}  ${showName(path ?? '(unreadable)')}\n`;
      await write(call.io, text);
    }
  },
};
