/** `/file-picker/` (C-9 §9.4): the person chooses a file, which the app may then read. */
import { jsonAnswer, methodRefused } from '../answers.ts';
import type { Route } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { checkedName, openPath, pathText } from '../paths.ts';
import type { FileQuestion } from '../types.ts';

const EXTENSION = /^[A-Za-z0-9.+_-]{1,32}$/u;

export const pickRoute: Route = async (context, request, signal) => {
  if (request.method !== 'GET') methodRefused(request);
  const { params } = request;
  const { opened, app } = context.options;
  const isSet = (name: string): boolean => params.get(name) === 'true';
  const extension = params.get('extension')?.replace(/^\./u, '') ?? '';
  const wantsToWrite = isSet('writable') && app.manifest.permissions.includes('EDIT_CHOSEN_FILE');
  const question: FileQuestion = {
    extension: EXTENSION.test(extension) ? extension.toLowerCase() : undefined,
    media: isSet('media'),
    thumbnail: isSet('thumbnail'),
    folder: isSet('currentFolder')
      ? opened?.path.slice(0, opened.isFolder ? undefined : -1)
      : undefined,
    writable: wantsToWrite,
  };
  const reply = await context.dialogs.ask((host) => host.pickFile(question));
  if (reply === undefined) return jsonAnswer(['', false]);
  const path = reply.path.map(checkedName);
  const file = await openPath(context.drive, path, 1, signal);
  if (file.isDirectory) throw new AppRequestRefused('This is a folder.');
  const isWritable = wantsToWrite && file.signer !== undefined;
  context.reach.add({ path, isFolder: false, isWritable });
  return jsonAnswer([pathText(path), isWritable]);
};
