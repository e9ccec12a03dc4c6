/**
 * Hidden directories that clients of the protocol expect in a home (B-4 §3, §4). Other versions may
 * not have made them, so what is missing is made at every sign-in; nothing relies on it.
 */
import { NameExists, type Drive, type Handle } from '#lib/drive/index.ts';

const SYSTEM_FOLDERS: readonly (readonly string[])[] = [
  ['shared'],
  ['.transactions'],
  ['.capabilitycache'],
  ['.capabilitycache', 'world'],
  ['.capabilitycache', 'outbound'],
];

/** Creates what is missing. */
export async function createSystemFolders(drive: Drive, signal?: AbortSignal): Promise<void> {
  for (const path of SYSTEM_FOLDERS) {
    const parent = await drive.resolve(path.slice(0, -1), signal);
    await ensureFolder(drive, parent, path.at(-1)!, signal);
  }
}

async function ensureFolder(
  drive: Drive,
  parent: Handle,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  if ((await drive.find(parent, name, signal)) !== undefined) return;
  try {
    await drive.makeDirectory(parent, name, { hidden: true });
  } catch (error) {
    if (!(error instanceof NameExists)) throw error; // another tab was faster
  }
}
