/** The launcher's shortcuts, `/me/.apps/launcher/data/shortcuts.json` (C-9 §9.3). */
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import {
  childIn,
  ensureFolder,
  PathNotFound,
  readSmall,
  writeSmall,
  type Change,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import { bodyOf, wholeBody } from './answers.ts';
import { DATA_FOLDER } from './data-folder.ts';
import { isJsonObject, parseJson } from './json.ts';
import { APPS_FOLDER } from './open-app.ts';
import { openPath } from './paths.ts';

const LAUNCHER = 'launcher';
const SHORTCUTS_FILE = 'shortcuts.json';
const SHORTCUTS_MAX_BYTES = 1024 * 1024;

export interface Shortcut {
  /** ISO dates; any text in files of others. */
  readonly added: string;
  readonly created: string;
}

/** Shortcuts by path, `/alice/docs/a.txt`. A file that cannot be read holds none. */
export type Shortcuts = ReadonlyMap<string, Shortcut>;

export async function readShortcuts(
  drive: Drive,
  username: string,
  signal?: AbortSignal,
): Promise<Shortcuts> {
  const path = [username, APPS_FOLDER, LAUNCHER, DATA_FOLDER, SHORTCUTS_FILE];
  try {
    const file = await openPath(drive, path, path.length, signal);
    const { sizeBytes } = file.properties;
    if (file.isDirectory || sizeBytes > SHORTCUTS_MAX_BYTES) return new Map();
    return parseShortcuts(await wholeBody(bodyOf(drive, file, 0, sizeBytes), signal));
  } catch (error) {
    if (error instanceof PathNotFound) return new Map();
    throw error;
  }
}

/** Sets one shortcut, or takes it away; one commit. Those of other devices stay. */
export function changeShortcut(
  drive: Drive,
  path: string,
  shortcut: Shortcut | undefined,
  signal?: AbortSignal,
): Promise<void> {
  return drive.change(async (change, home) => {
    let folder = await ensureFolder(change, home, APPS_FOLDER);
    for (const name of [LAUNCHER, DATA_FOLDER]) {
      folder = await ensureFolder(change, folder, name, { isHidden: false });
    }
    const shortcuts = new Map(await shortcutsIn(change, folder));
    if (shortcut === undefined) shortcuts.delete(path);
    else shortcuts.set(path, shortcut);
    const bytes = utf8(JSON.stringify(Object.fromEntries(shortcuts)));
    await writeSmall(change, folder, SHORTCUTS_FILE, bytes, { isHidden: false });
  }, signal);
}

async function shortcutsIn(change: Change, folder: Handle): Promise<Shortcuts> {
  const file = await childIn(change, folder, SHORTCUTS_FILE);
  if (file === undefined) return new Map();
  return parseShortcuts(await readSmall(change, file, SHORTCUTS_MAX_BYTES));
}

function parseShortcuts(bytes: Uint8Array): Shortcuts {
  try {
    const json = parseJson(fromUtf8(bytes));
    if (!isJsonObject(json)) return new Map();
    return new Map(
      [...json].flatMap(([path, value]) => {
        if (!isJsonObject(value)) return [];
        const [added, created] = [value.get('added'), value.get('created')];
        const text = (it: unknown): string => (typeof it === 'string' ? it : '');
        return [[path, { added: text(added), created: text(created) }]];
      }),
    );
  } catch (error) {
    if (error instanceof PyrgosError) return new Map();
    throw error;
  }
}
