/** What a running app and the engine say to each other, and what the engine asks the page for. */
import type { Drive } from '#lib/drive/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { Manifest } from './manifest-type.ts';

/** Names from a root of the drive down: `['alice', 'docs', 'a.txt']`. */
export type DrivePath = readonly string[];

/** A request of the app's document, as it came through its port: hostile. */
export interface AppRequest {
  /** Capital letters. */
  readonly method: string;
  /**
   * Path of the URL below the address of the frame, still percent-encoded, with or without a slash
   * in front: `/peergos-api/v0/data/a%20b`, `/alice/docs/a.txt`, `index.html`.
   */
  readonly path: string;
  /** With or without `?`; empty if there is none. */
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | undefined;
}

/** Bytes of an answer that are larger than one chunk, or wanted piece by piece. */
export interface AppBody {
  readonly sizeBytes: number;
  /**
   * Bytes [start, end) of the body, as pieces of at most 5 MiB, verified.
   * @throws FileDamaged, FileChangedWhileReading
   */
  read(start?: number, end?: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

export interface AppResponse {
  /** 200, 201, 204, 206, 400, 404, 413, 416, 429, 431 or 501. */
  readonly status: number;
  /** Names in small letters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes up to 5 MiB; more is an {@link AppBody}. Empty for HEAD. */
  readonly body: Uint8Array | AppBody;
}

/** A file of the app, for the loader's list. */
export interface AppAsset {
  /** Below `assets/`, with `/` between segments, not encoded. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly type: string;
}

/** How an app runs. */
export type AppMode =
  /** From `/me/.apps/<name>/`. */
  | 'installed'
  /** From where its folder lies; its data are in `<folder>/data`. */
  | 'in-place'
  /** A page and the files beside it, read only: HTML viewer, previews of websites. No API. */
  | 'browsing';

/** An app to run: what `openInstalled`, `openInPlace` and `openPages` give. */
export interface RunnableApp {
  readonly mode: AppMode;
  readonly manifest: Manifest;
  /** The app's folder, or the root of the pages. */
  readonly folder: DrivePath;
}

/** What the app was opened on. */
export interface OpenedItem {
  readonly path: DrivePath;
  readonly isFolder: boolean;
}

/**
 * What the page does for a running app. Each question resolves to `undefined` when the person
 * cancels. The broker asks one question at a time and, except `askSaveCopy`, only while
 * {@link Host.hadRecentClick} says so; the page need not check again.
 */
export interface Host {
  /** Whether the person clicked or pressed a key in the app's frame in the last five seconds. */
  hadRecentClick(): boolean;
  /**
   * How to call a new file in `folder`. What has the name already stays beside it, unless the person
   * chose to replace it. The name is checked again.
   */
  askSaveName(question: {
    readonly suggestedName: string;
    readonly folder: DrivePath;
  }): Promise<{ readonly name: string; readonly replace?: boolean } | undefined>;
  pickFile(question: FileQuestion): Promise<{ readonly path: DrivePath } | undefined>;
  pickFolders(question: {
    readonly isMultiple: boolean;
  }): Promise<readonly DrivePath[] | undefined>;
  /** The parts are hostile; the page draws them in a frame of kind `markdown`, never in its own document. */
  print(page: {
    readonly html: string;
    readonly css: string;
    readonly title: string;
  }): Promise<void>;
  showProfile(username: string): Promise<void>;
  /** The gallery wants the install dialog for the app in this folder. True once it is installed. */
  installApp(question: { readonly folder: DrivePath; readonly appName: string }): Promise<boolean>;
  /**
   * The opened file was changed elsewhere since the app read it: keep the app's version as a copy?
   * The broker stores the copy.
   */
  askSaveCopy(question: { readonly path: DrivePath }): Promise<boolean>;
  /** A request was refused, or failed: for the developers' panel. */
  note(refusal: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly reason: string;
  }): void;
  /** The app wrote files (names of a folder at `path`), for lists on the page. */
  changed?(path: DrivePath, names: readonly string[]): void;
}

export interface FileQuestion {
  /** Without dot; undefined for every file. */
  readonly extension: string | undefined;
  /** Pictures, sound and films only. */
  readonly media: boolean;
  /** Show small pictures. */
  readonly thumbnail: boolean;
  /** Begin in the folder of the opened file. */
  readonly folder: DrivePath | undefined;
  /** The app wants to write to the file. */
  readonly writable: boolean;
}

export interface BrokerOptions {
  readonly drive: Drive;
  readonly app: RunnableApp;
  /** Absent for an app that was started by itself, and for pages. */
  readonly opened?: OpenedItem | undefined;
  /** Who is signed in; undefined for a guest, who has browsing mode only. */
  readonly username: string | undefined;
  readonly host: Host;
  readonly clock: () => number;
  readonly random: Random;
  /** The small photo of a profile; undefined if there is none to be seen. */
  readonly photoOf?: (
    username: string,
    signal?: AbortSignal,
  ) => Promise<{ readonly mimeType: string; readonly bytes: Uint8Array } | undefined>;
  /** The app is the gallery, and may ask to install others. */
  readonly isGallery?: boolean;
  readonly limits?: Partial<AppLimits>;
}

export interface AppLimits {
  /** All files of the data folder together. */
  readonly dataBytes: number;
  readonly dataFiles: number;
  readonly requestsAtOnce: number;
  readonly bodyBytes: number;
  /** Changes: so many at once, and then so many a second. */
  readonly writeBurst: number;
  readonly writesPerSecond: number;
}

/** Everything one running app may do, whatever its document asks; made by `createBroker`, one for each frame. */
export interface Broker {
  /**
   * The query of the app's first address (C-9 §9.2): `?path=…&theme=…&username=…`. Values are
   * percent-encoded. `theme` is `dark-mode` or empty.
   */
  startQuery(theme: string, signal?: AbortSignal): Promise<string>;
  /** Answers a request. Never throws, except when `signal` is aborted. */
  handle(request: AppRequest, signal?: AbortSignal): Promise<AppResponse>;
  /** All files of the app below `assets/` (browsing: of the root), at most 10,000. */
  list(signal?: AbortSignal): Promise<readonly AppAsset[]>;
  /** The app's own `localStorage`, if it may store data; undefined if it has none. */
  readStorage(signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** @throws AppRequestRefused without the permission, or above 5 MiB */
  writeStorage(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Forgets what was read of the app's files: they were changed (live editing). */
  refresh(): void;
  /** No request is answered any more; dialogs that are still open have no effect. */
  close(): void;
}
