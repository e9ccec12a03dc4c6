/** `/save/<filename>` (C-9 §9.4): a new file, whose name the person decides. */
import { sameName } from '#lib/bytes/index.ts';
import { bytesSource, type Handle } from '#lib/drive/index.ts';
import { answer, bodyBytes, methodRefused } from '../answers.ts';
import type { Route, RouteContext } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { checkedName, encodePath, openPath, refuseHidden } from '../paths.ts';
import type { DrivePath } from '../types.ts';

export const saveRoute: Route = async (context, request, signal) => {
  if (request.method !== 'POST' && request.method !== 'PUT') methodRefused(request);
  const { opened, host } = context.options;
  if (opened?.isFolder === true) throw new AppRequestRefused('An app of folders saves no files.');
  const [suggestedName, ...more] = request.names;
  if (suggestedName === undefined || more.length > 0) {
    throw new AppRequestRefused('The path has to be one file name.');
  }
  checkSavedName(context, suggestedName);
  context.writes.take();
  const folder = opened === undefined ? [context.username] : opened.path.slice(0, -1);
  const reply = await context.dialogs.ask(() => host.askSaveName({ suggestedName, folder }));
  if (reply === undefined) throw new AppRequestRefused('The person cancelled.');
  const { name, replace = false } = reply;
  checkSavedName(context, name);
  const target = await openPath(context.drive, folder, folder.length, signal);
  await storeIn(context, target, folder, name, bodyBytes(request), replace, signal);
  return answer(201, [['location', encodePath([name])]]);
};

/** Puts a file into a folder of any tree; what has its name stays, unless it is to be replaced. */
export async function storeIn(
  { drive, options }: Pick<RouteContext, 'drive' | 'options'>,
  folder: Handle,
  path: DrivePath,
  name: string,
  bytes: Uint8Array,
  replace: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const items = [{ path: [name], source: bytesSource(bytes) }];
  const onConflict = replace ? 'replace' : 'keep-both';
  await drive.upload(folder, items, { onConflict, ...(signal ? { signal } : {}) });
  options.host.changed?.(path, [name]);
}

function checkSavedName({ options: { opened } }: RouteContext, name: string): void {
  checkedName(name);
  refuseHidden([name]);
  const openedName = opened?.path.at(-1);
  if (openedName !== undefined && sameName(name, openedName)) {
    throw new AppRequestRefused('The opened file cannot be replaced in this way.');
  }
}
