/**
 * Hidden directories that clients of the protocol expect in a home (B-4 §3, §4). Other versions may
 * not have made them, so what is missing is made at every sign-in, in one commit; nothing relies on
 * it.
 */
import type { Drive, Handle } from '#lib/drive/index.ts';

const SYSTEM_FOLDERS: readonly (readonly string[])[] = [
  ['shared'],
  ['.transactions'],
  ['.capabilitycache'],
  ['.capabilitycache', 'world'],
  ['.capabilitycache', 'outbound'],
];

/** Creates what is missing. */
export async function createSystemFolders(drive: Drive, signal?: AbortSignal): Promise<void> {
  const home = await drive.home(signal);
  const missing: (readonly string[])[] = [];
  const folders = new Map<string, Handle | undefined>([['', home]]);
  for (const path of SYSTEM_FOLDERS) {
    const parent = folders.get(path.slice(0, -1).join('/'));
    const row = parent && (await drive.find(parent, path.at(-1)!, signal));
    if (row === undefined) missing.push(path);
    else if (row.isDirectory && hasMoreBelow(path)) {
      folders.set(path.join('/'), await drive.open(parent!, row, signal));
    }
  }
  await drive.makeSystemFolders(missing, signal ? { signal } : {});
}

function hasMoreBelow(path: readonly string[]): boolean {
  return SYSTEM_FOLDERS.some(
    (other) => other.length > path.length && path.every((name, i) => other[i] === name),
  );
}
