/** What screens know of apps. Ids, words and paths; an app's files and data never come to the page. */
import type { ThemeName } from '#lib/frames/index.ts';

/** What an app may do, as a screen has to say it. */
export interface AppNotice {
  /** A permission of the manifest, or READS_FOLDER_OF_FILE. */
  readonly key: string;
  /** An update asks for it, the installed version did not have it. */
  readonly isAdded: boolean;
  /** Nothing in this client answers it yet. */
  readonly isAvailable: boolean;
}

/** Where an app was read from. */
export interface AppSource {
  readonly owner: string;
  readonly path: string;
  /** The owner's name stands for the keys that signed what was read. */
  readonly isVerified: boolean;
}

export interface InstalledAppFacts {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** What the manifest says; a claim. */
  readonly author: string;
  readonly launchable: boolean;
  readonly hasIcon: boolean;
  readonly notices: readonly AppNotice[];
  readonly source?: AppSource;
  /** What it can create, by extension. */
  readonly newFiles: readonly { readonly extension: string; readonly label: string }[];
}

export interface AppsReport {
  readonly apps: readonly InstalledAppFacts[];
  /** They can only be removed. */
  readonly damaged: readonly { readonly name: string; readonly reason: string }[];
  /** Removed apps whose data are still there. */
  readonly keptData: readonly string[];
}

/** An app that opens an entry. */
export interface AppOffer {
  readonly name: string;
  readonly title: string;
  readonly action: 'edit' | 'view';
}

/** A shortcut of the user; something else or nothing may lie at its path now. */
export interface AppShortcut {
  readonly path: readonly string[];
}

/** What installing would do. It is done with the id, and only while the app is still what was shown. */
export interface AppReview {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly sizeBytes: number;
  readonly notices: readonly AppNotice[];
  readonly change: 'new' | 'update' | 'again' | 'other-owner';
  readonly source?: AppSource;
  readonly before?: { readonly version: string; readonly source?: AppSource };
  /** What a signature in the package proves; absent without one. */
  readonly signature?: { readonly author: string; readonly isGood: boolean };
}

/** Where a package is. */
export type AppPackageSource =
  | { readonly kind: 'folder'; readonly path: readonly string[] }
  | { readonly kind: 'archive'; readonly id: string }
  | { readonly kind: 'file'; readonly file: File }
  /** A folder that its owner made public: their name, folders. */
  | { readonly kind: 'public'; readonly path: readonly string[] }
  /** What a link leads to. */
  | { readonly kind: 'link'; readonly address: string };

/** How others can read an app that is published: by its path, or only with the address of a link. */
export type AppAudience = 'public' | 'link';

/** An app in a folder, and the versions of it that were published, the newest last. */
export interface AppPublication {
  readonly title: string;
  readonly version: string;
  /** The version was published with these files. */
  readonly isPublished: boolean;
  /** The folder, or one above it, is public. */
  readonly isPublic: boolean;
  readonly versions: readonly { readonly version: string; readonly time: string }[];
}

export interface AppUpdateFacts {
  readonly name: string;
  readonly version: string;
  readonly path: readonly string[];
  /** In a folder that its owner, who need not be followed, made public. */
  readonly isPublic: boolean;
}

/** What to run. */
export type AppToRun =
  | { readonly kind: 'installed'; readonly name: string }
  | { readonly kind: 'in-place'; readonly path: readonly string[] }
  /** A page and what lies beside it, read only. */
  | { readonly kind: 'pages'; readonly path: readonly string[] };

/** What a running app asks the user, one question at a time. */
export type AppQuestion =
  | {
      readonly kind: 'save-name';
      readonly suggestedName: string;
      readonly folder: readonly string[];
    }
  | {
      readonly kind: 'pick-file';
      readonly media: boolean;
      readonly writable: boolean;
      readonly extension?: string;
      readonly folder?: readonly string[];
    }
  | { readonly kind: 'pick-folders'; readonly isMultiple: boolean }
  | { readonly kind: 'print'; readonly html: string; readonly css: string; readonly title: string }
  | { readonly kind: 'profile'; readonly username: string }
  | { readonly kind: 'install'; readonly path: readonly string[]; readonly appName: string }
  | { readonly kind: 'save-copy'; readonly path: readonly string[] };

/** Answers; one of another kind than the question, and 'none', cancel it. */
export type AppAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'name'; readonly name: string; readonly replace: boolean }
  | { readonly kind: 'path'; readonly path: readonly string[] }
  | { readonly kind: 'paths'; readonly paths: readonly (readonly string[])[] }
  | { readonly kind: 'done' };

export type AppEvent =
  | {
      readonly kind: 'started';
      readonly title: string;
      readonly query: string;
      /** The page it begins with. */
      readonly path: string;
      readonly allowsEval: boolean;
      /** For an origin of its own, where a node offers these; only installed apps have one. */
      readonly label?: string;
    }
  | { readonly kind: 'question'; readonly id: string; readonly question: AppQuestion }
  | {
      readonly kind: 'refused';
      readonly request: string;
      readonly status: number;
      readonly reason: string;
    }
  /** Its own files were changed, below the app's folder. */
  | { readonly kind: 'changed'; readonly paths: readonly string[] };

/** What the app said or failed with, for developers. */
export interface AppNote {
  readonly kind: 'log' | 'warning' | 'error' | 'refused';
  readonly text: string;
}

/** What the screen around a running app does for it. */
export interface AppListener {
  onStarted(title: string): void;
  onDirty(dirty: boolean): void;
  onNote(note: AppNote): void;
  /** The app asked for another of its pages, or its files changed: the frame begins anew. */
  onAddress(): void;
  ask(question: AppQuestion): Promise<AppAnswer>;
  onFailed(error: unknown): void;
}

/** An app in its frame. */
export interface AppSession {
  /** For the `src` of an iframe; changes when the frame has to begin anew. */
  readonly url: string;
  /** It has an origin of its own: the frame must be without credentials. */
  readonly hasOwnOrigin: boolean;
  receive(event: MessageEvent, frame: Window | null): void;
  setTheme(theme: ThemeName): void;
  /** Begins anew. */
  reload(): void;
  close(): void;
}
