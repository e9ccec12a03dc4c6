/** What a manifest says once all its rules are checked (C-9 §9.3). */
import type { Permission } from './permissions.ts';

/** An entry of the "New" menu. */
export interface NewFileKind {
  /** Without dot, in small letters. */
  readonly extension: string;
  /** What the menu says: text of the app's author. */
  readonly name: string;
}

/** A manifest that follows all rules. All texts are the author's claims and may say anything. */
export interface Manifest {
  readonly displayName: string;
  /** The name of its folder below `.apps`. */
  readonly name: string;
  readonly description: string;
  readonly launchable: boolean;
  readonly version: string;
  /** A claim; empty if there is none. Who an app is from is told by its record, not by this. */
  readonly author: string;
  /** Where it was installed from, a path; empty if that is not known. */
  readonly source: string;
  readonly folderAction: boolean;
  /** Path below `assets/`; empty if there is none. */
  readonly appIcon: string;
  /** Without dot, in small letters; `*` stands for all. */
  readonly fileExtensions: readonly string[];
  readonly mimeTypes: readonly string[];
  readonly fileTypes: readonly string[];
  readonly newFileExtensions: readonly NewFileKind[];
  readonly template: '' | 'messaging' | 'messaging-instance';
  readonly chatId: string;
  readonly templateIconBase64: string;
  readonly permissions: readonly Permission[];
}
