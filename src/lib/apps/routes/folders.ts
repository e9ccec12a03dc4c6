/** `/folders/` (C-9 §9.4): the person chooses folders, all below which the app may then read. */
import { jsonAnswer, methodRefused } from '../answers.ts';
import type { Route } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { checkedName, openPath, pathText } from '../paths.ts';
import type { DrivePath } from '../types.ts';

const FOLDERS_MAX = 100;

export const foldersRoute: Route = async (context, request, signal) => {
  if (request.method !== 'GET') methodRefused(request);
  const isMultiple = request.params.get('multiple') !== 'false';
  const reply = await context.dialogs.ask((host) => host.pickFolders({ isMultiple }));
  const chosen = (reply ?? []).slice(0, isMultiple ? FOLDERS_MAX : 1);
  const paths: DrivePath[] = [];
  for (const names of chosen) {
    const path = names.map(checkedName);
    const folder = await openPath(context.drive, path, 1, signal);
    if (!folder.isDirectory) throw new AppRequestRefused('This is not a folder.');
    paths.push(path);
  }
  for (const path of paths) context.reach.add({ path, isFolder: true, isWritable: false });
  return jsonAnswer(paths.map(pathText));
};
