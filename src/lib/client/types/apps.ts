/** What screens can ask about apps; the shapes are in `app-types.ts`. */
import type { ThemeName } from '#lib/frames/index.ts';
import type {
  AppAudience,
  AppListener,
  AppOffer,
  AppPackageSource,
  AppPublication,
  AppQuestion,
  AppReview,
  AppSession,
  AppShortcut,
  AppToRun,
  AppUpdateFacts,
  AppsReport,
} from '../app-types.ts';
import type { EntryId } from './entries.ts';
import type { ViewerSession } from './viewers.ts';

/** Apps: what is installed, what runs, what is made and published. */
export interface AppCalls {
  apps(signal?: AbortSignal): Promise<AppsReport>;
  appIcon(name: string, signal?: AbortSignal): Promise<Blob | undefined>; // hostile: for an <img> alone
  appsFor(id: EntryId, signal?: AbortSignal): Promise<readonly AppOffer[]>; // in alphabetical order
  appProposal(id: EntryId, signal?: AbortSignal): Promise<readonly string[] | undefined>; // path of a public app, where none opens the entry
  appShortcuts(signal?: AbortSignal): Promise<readonly AppShortcut[]>; // the latest first
  addShortcut(id: EntryId): Promise<void>;
  removeShortcut(path: readonly string[]): Promise<void>;
  reviewIcon(reviewId: string, signal?: AbortSignal): Promise<Blob | undefined>; // hostile: a picture, nothing else
  reviewApp(source: AppPackageSource, signal?: AbortSignal): Promise<AppReview>;
  installApp(reviewId: string): Promise<void>; // fails if it is not what was reviewed any more
  appPublication(folder: readonly string[], signal?: AbortSignal): Promise<AppPublication>;
  publishApp(folder: readonly string[], audience: AppAudience): Promise<string>; // signed; the path or address for others
  removeApp(name: string, keepData: boolean): Promise<void>;
  appUpdates(signal?: AbortSignal): Promise<readonly AppUpdateFacts[]>;
  /** A newer version of an app that starts; it is looked for once a day. */
  appUpdate(name: string, signal?: AbortSignal): Promise<AppUpdateFacts | undefined>;
  newApp(folder: EntryId, title: string): Promise<readonly string[]>; // the path of its folder
  newAppFile(app: string, extension: string, folder: EntryId, name: string): Promise<string>;
  /** A frame with a page that an app wants to print; nothing in it runs. */
  openPrint(page: Extract<AppQuestion, { kind: 'print' }>): Promise<ViewerSession | undefined>;
  /** Runs an app in a frame; undefined where no frame can be shown. */
  openApp(
    what: AppToRun,
    opened: EntryId | undefined,
    theme: ThemeName,
    listener: AppListener,
  ): Promise<AppSession | undefined>;
}
