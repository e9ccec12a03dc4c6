/** What screens say about an app's reach before it is installed, updated or run. */
import type { Manifest } from './manifest-type.ts';
import { NOT_AVAILABLE_YET, PERMISSIONS, type Permission } from './permissions.ts';

/** What a screen has to say of an app before it is installed or updated: keys of words, no words. */
export type PermissionNotice =
  | { readonly key: Permission; readonly isAdded: boolean; readonly isAvailable: boolean }
  /** It may read the other files of the folder of an opened file (see {@link readsFolderOfFile}). */
  | { readonly key: 'READS_FOLDER_OF_FILE'; readonly isAdded: boolean; readonly isAvailable: true };

/** All that must be shown, in the order of {@link PERMISSIONS}; `before` is what is installed now. */
export function noticesOf(
  manifest: Pick<Manifest, 'permissions' | 'fileTypes' | 'fileExtensions' | 'mimeTypes'>,
  before?: typeof manifest,
): PermissionNotice[] {
  const granted = new Set(before?.permissions);
  const notices: PermissionNotice[] = PERMISSIONS.filter((one) =>
    manifest.permissions.includes(one),
  ).map((key) => ({ key, isAdded: !granted.has(key), isAvailable: !NOT_AVAILABLE_YET.has(key) }));
  if (readsFolderOfFile(manifest)) {
    const isAdded = before === undefined || !readsFolderOfFile(before);
    notices.push({ key: 'READS_FOLDER_OF_FILE', isAdded, isAvailable: true });
  }
  return notices;
}

/**
 * Galleries and pages need the files beside the opened one. C-9 §9.4 gives that reach to every app;
 * here only to those that name pictures as a coarse type (what lies directly in the folder), or HTML
 * (all below the folder).
 */
export function readsFolderOfFile(manifest: FileAssociations): boolean {
  return manifest.fileTypes.includes('image') || readsPages(manifest);
}

/** Whether an app is for pages, whose parts lie in folders beside them. */
export function readsPages({ fileExtensions, mimeTypes }: FileAssociations): boolean {
  const isForPages = fileExtensions.includes('html') || fileExtensions.includes('htm');
  return isForPages || mimeTypes.includes('text/html');
}

type FileAssociations = Pick<Manifest, 'fileTypes' | 'fileExtensions' | 'mimeTypes'>;
