/** Which apps open what (C-9 §9.3), and the entries of the "New" menu. */
import { extensionOf, kindByHints } from '#lib/content/index.ts';
import type { Drive } from '#lib/drive/index.ts';
import { PathNotFound } from '#lib/drive/index.ts';
import { bodyOf, wholeBody } from './answers.ts';
import { ASSETS_FOLDER } from './assets.ts';
import { BadAppPackage } from './errors.ts';
import type { InstalledApp } from './installed.ts';
import { isHiddenName, openPath } from './paths.ts';

export interface ItemFacts {
  readonly name: string;
  /** As stored; any text. */
  readonly mimeType: string;
  readonly isDirectory: boolean;
  readonly isHidden: boolean;
}

export interface AppForItem {
  readonly app: InstalledApp;
  /** "Edit in X" or "View in X". */
  readonly action: 'edit' | 'view';
}

/** Apps that open an item, in the order of `apps`, which is the alphabetical one. */
export function appsForItem(apps: readonly InstalledApp[], item: ItemFacts): AppForItem[] {
  if (item.isHidden || isHiddenName(item.name)) return [];
  return apps
    .filter(({ manifest }) => manifest.template !== 'messaging')
    .filter((app) => (item.isDirectory ? app.manifest.folderAction : opensFile(app, item)))
    .map((app) => {
      const isEditor = app.manifest.permissions.includes('EDIT_CHOSEN_FILE');
      return { app, action: isEditor && !item.isDirectory ? 'edit' : 'view' };
    });
}

function opensFile({ manifest }: InstalledApp, { name, mimeType }: ItemFacts): boolean {
  const { fileExtensions, mimeTypes, fileTypes, folderAction } = manifest;
  if (folderAction) return false;
  const type = mimeType.trim().toLowerCase();
  const [major = ''] = type.split('/');
  return (
    fileExtensions.includes('*') ||
    mimeTypes.includes('*') ||
    fileTypes.includes('*') ||
    extensionsOf(name).some((extension) => fileExtensions.includes(extension)) ||
    mimeTypes.includes(type) ||
    mimeTypes.includes(`${major}/*`) ||
    coarseTypesOf(name, type).some((each) => fileTypes.includes(each))
  );
}

/** `gz` and `tar.gz` for `a.tar.gz`. */
function extensionsOf(name: string): string[] {
  const [, ...parts] = name.toLowerCase().split('.');
  return parts.map((_, i) => parts.slice(i).join('.'));
}

/** The coarse types that manifests name. */
function coarseTypesOf(name: string, type: string): string[] {
  const isPdf = type === 'application/pdf' || extensionOf(name) === 'pdf';
  return [kindByHints(name, type), ...(isPdf ? ['pdf'] : [])];
}

export interface NewFileEntry {
  readonly app: InstalledApp;
  /** Without dot. */
  readonly extension: string;
  /** What the app calls it; empty: "file", by its extension. */
  readonly label: string;
}

/** What the "New" menu offers: what apps list, else the first extension of those that edit. */
export function newFileEntries(apps: readonly InstalledApp[]): NewFileEntry[] {
  return apps.flatMap((app) => {
    const { newFileExtensions, permissions, fileExtensions } = app.manifest;
    if (newFileExtensions.length > 0) {
      return newFileExtensions.map(({ extension, name }) => ({ app, extension, label: name }));
    }
    const [first] = fileExtensions;
    const isConcrete = first !== undefined && first !== '*';
    const isOffered = isConcrete && permissions.includes('EDIT_CHOSEN_FILE');
    return isOffered ? [{ app, extension: first, label: '' }] : [];
  });
}

const NEW_FILE_MAX_BYTES = 16 * 1024 * 1024;

/** What a new file begins with: the app's `assets/empty.<extension>`, else nothing. */
export async function newFileContent(
  drive: Drive,
  { app, extension }: NewFileEntry,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const path = [...app.folder, ASSETS_FOLDER, `empty.${extension}`];
  try {
    const file = await openPath(drive, path, path.length, signal);
    const { sizeBytes } = file.properties;
    if (sizeBytes > NEW_FILE_MAX_BYTES) throw new BadAppPackage('The empty file is too large.');
    return await wholeBody(bodyOf(drive, file, 0, sizeBytes), signal);
  } catch (error) {
    if (error instanceof PathNotFound) return new Uint8Array();
    throw error;
  }
}

/** Apps to be proposed for a file when none opens it, from `/peergos/recommended-apps/` (C-9 §9.3). */
const RECOMMENDED_APPS: ReadonlyMap<string, string> = new Map([
  ['docx', 'doc-viewer'],
  ['odt', 'doc-viewer'],
  ['sheet', 'luckysheet'],
  ['xlsx', 'luckysheet'],
  ['ods', 'luckysheet'],
  ['tldr', 'tldraw'],
  ['drawio', 'drawio'],
  ['epub', 'ebookreader'],
]);

const RECOMMENDED_FOLDER = ['peergos', 'recommended-apps'];

/** Where a public app for files of this name is; undefined where none is recommended. */
export function recommendedApp(fileName: string): readonly string[] | undefined {
  const name = RECOMMENDED_APPS.get(extensionOf(fileName));
  return name === undefined ? undefined : [...RECOMMENDED_FOLDER, name];
}
