/** Folders of apps as their authors left them: what is installed, and on what it can be opened. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { zipSync } from 'fflate';
import { parseManifest, type Manifest } from '../../../src/lib/apps/index.ts';
import type { FileKinds } from './samples.ts';

const MANIFEST = 'peergos-app.json';
/** All that installing reads; what else lies beside it, such as sources, stays out of the archive. */
const PARTS = ['assets', 'data', MANIFEST, 'pyrgos-app.sig'];

export interface AppFolder {
  /** The name of its folder. */
  readonly name: string;
  readonly path: string;
}

/** Folders below `folder`, in the order of their names, that have `assets/`. */
export function appFolders(folder: string): AppFolder[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, path: join(folder, name) }))
    .filter(({ path }) => isFolder(join(path, 'assets')));
}

/** @throws BadManifest; an error of the file system where there is no manifest */
export function manifestOf({ path }: AppFolder): Manifest {
  return parseManifest(readFileSync(join(path, MANIFEST)));
}

/** The app as an archive, its files byte for byte. */
export function archiveOf({ path, name }: AppFolder): Uint8Array {
  const files = PARTS.map((part) => join(path, part))
    .filter((part) => existsSync(part))
    .flatMap((part) => (isFolder(part) ? filesBelow(part) : [part]));
  const members = files.map((file) => {
    const place = relative(path, file).split(sep).join('/');
    return [`${name}/${place}`, readFileSync(file)] as const;
  });
  return zipSync(Object.fromEntries(members), { level: 1 });
}

/** Paths of its own files, as its pages name them. */
export function ownFiles({ path }: AppFolder): ReadonlySet<string> {
  const assets = join(path, 'assets');
  return new Set(filesBelow(assets).map((file) => relative(assets, file).split(sep).join('/')));
}

/** What it opens, and how it begins files of its own. */
export function fileKindsOf({ path }: AppFolder, manifest: Manifest): FileKinds {
  const { fileExtensions, mimeTypes, fileTypes, newFileExtensions } = manifest;
  const begun = newFileExtensions.map(({ extension }) => extension);
  const extensions = [...new Set([...fileExtensions, ...begun])];
  const beginnings = new Map<string, Uint8Array>();
  for (const extension of extensions) {
    const file = join(path, 'assets', `empty.${extension}`);
    if (existsSync(file)) beginnings.set(extension, readFileSync(file));
  }
  const majors = mimeTypes.map((type) => type.split('/')[0] ?? '');
  return { extensions, types: [...fileTypes, ...majors], beginnings };
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}
