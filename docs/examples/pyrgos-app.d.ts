/**
 * What an app of the Peergos protocol finds in its frame (C-9 of the protocol). There is no library:
 * an app calls `fetch` with the addresses below. These types describe the answers.
 */

/** What an app was started with, in the query of its first address. */
export interface StartQuery {
  /** Of the file or folder it was opened on; absent where it was started by itself. */
  readonly path?: string;
  /** Whether a PUT to `path` may succeed. */
  readonly isPathWritable?: 'true';
  readonly theme: 'dark-mode' | '';
  readonly username: string;
}

/** `GET /peergos-api/v0/data/<folder>`, and GET of a folder the user chose. */
export interface FolderAnswer {
  readonly files: readonly string[];
  readonly subFolders: readonly string[];
}

/** `GET /peergos-api/v0/file-picker/`; `["", false]` if the user cancelled. */
export type PickedFile = readonly [path: string, isWritable: boolean];

/** `GET /peergos-api/v0/folders/`: paths; empty if the user cancelled. */
export type PickedFolders = readonly string[];

/** `GET /peergos-api/v0/profile/<user>?thumbnail=true`. */
export interface ProfileAnswer {
  /** A data address, or empty. */
  readonly profileThumbnail: string;
}

/** Told by this client when the user changes the theme. */
export interface ThemeEvent extends CustomEvent<{ readonly theme: 'light' | 'dark' }> {
  readonly type: 'pyrgos-theme';
}

/** An app may dispatch it on `window`; closing the app then asks about unsaved work. */
export interface StateEvent extends CustomEvent<{ readonly dirty: boolean }> {
  readonly type: 'pyrgos-state';
}
