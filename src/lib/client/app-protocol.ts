/** Calls of the page to the engine about apps. */
import {
  byKind,
  bytes,
  blob,
  count,
  file,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  port,
  shape,
  text,
  type Parser,
} from '#lib/rpc/index.ts';
import type {
  AppAnswer,
  AppEvent,
  AppNotice,
  AppOffer,
  AppPackageSource,
  AppPublication,
  AppQuestion,
  AppReview,
  AppShortcut,
  AppSource,
  AppsReport,
  AppToRun,
  AppUpdateFacts,
  InstalledAppFacts,
} from './app-types.ts';

const path = listOf(text);
const notice: Parser<AppNotice> = object({ key: text, isAdded: flag, isAvailable: flag });
const source: Parser<AppSource> = object({ owner: text, path: text, isVerified: flag });
const newFile = object({ extension: text, label: text });
const installed: Parser<InstalledAppFacts> = object(
  {
    name: text,
    title: text,
    description: text,
    version: text,
    author: text,
    launchable: flag,
    hasIcon: flag,
    notices: listOf(notice),
    newFiles: listOf(newFile),
  },
  { source },
);
const report: Parser<AppsReport> = object({
  apps: listOf(installed),
  damaged: listOf(object({ name: text, reason: text })),
  keptData: listOf(text),
});
const offer: Parser<AppOffer> = object({ name: text, title: text, action: oneOf('edit', 'view') });
const shortcut: Parser<AppShortcut> = object({ path });
const review: Parser<AppReview> = object(
  {
    id: text,
    name: text,
    title: text,
    description: text,
    version: text,
    author: text,
    sizeBytes: count,
    notices: listOf(notice),
    change: oneOf('new', 'update', 'again', 'other-owner'),
  },
  {
    source,
    before: object({ version: text }, { source }),
    signature: object({ author: text, isGood: flag }),
  },
);
const packageSource: Parser<AppPackageSource> = byKind({
  folder: object({ path }),
  archive: object({ id: text }),
  file: object({ file }),
  public: object({ path }),
  link: object({ address: text }),
});
const publication: Parser<AppPublication> = object({
  title: text,
  version: text,
  isPublished: flag,
  isPublic: flag,
  versions: listOf(object({ version: text, time: text })),
});
const update: Parser<AppUpdateFacts> = object({
  name: text,
  version: text,
  path,
  isPublic: flag,
});
const toRun: Parser<AppToRun> = byKind({
  installed: object({ name: text }),
  'in-place': object({ path }),
  pages: object({ path }),
});
const question: Parser<AppQuestion> = byKind({
  'save-name': object({ suggestedName: text, folder: path }),
  'pick-file': object({ media: flag, writable: flag }, { extension: text, folder: path }),
  'pick-folders': object({ isMultiple: flag }),
  print: object({ html: text, css: text, title: text }),
  profile: object({ username: text }),
  install: object({ path, appName: text }),
  'save-copy': object({ path }),
});
const answer: Parser<AppAnswer> = byKind({
  none: object({}),
  name: object({ name: text, replace: flag }),
  path: object({ path }),
  paths: object({ paths: listOf(path) }),
  done: object({}),
});
const event: Parser<AppEvent> = byKind({
  started: object({ title: text, query: text, path: text, allowsEval: flag }, { label: text }),
  question: object({ id: text, question }),
  refused: object({ request: text, status: count, reason: text }),
  changed: object({ paths: listOf(text) }),
});

export const appProtocol = {
  apps: shape([], report),
  appIcon: shape([text], nullable(blob)),
  /** Apps that open an entry. */
  appsFor: shape([text], listOf(offer)),
  reviewApp: shape([packageSource], review),
  /** Installs what was reviewed under this id. */
  installApp: shape([text], nothing),
  /** The picture of a package that was reviewed. */
  reviewIcon: shape([text], nullable(blob)),
  /** A public app to propose for an entry that none opens. */
  appProposal: shape([text], nullable(path)),
  appShortcuts: shape([], listOf(shortcut)),
  addShortcut: shape([text], nothing),
  removeShortcut: shape([path], nothing),
  appPublication: shape([path], publication),
  publishApp: shape([path, oneOf('public', 'link')], text),
  removeApp: shape([text, flag], nothing),
  appUpdates: shape([], listOf(update)),
  /** For an app that starts; undefined too when it was asked about today. */
  appUpdate: shape([text], nullable(update)),
  /** Runs an app, perhaps on an entry, until it is aborted; its questions are answered by id. */
  runApp: shape([toRun, nullable(text), text], nothing, event),
  /** Answers the frame of a running app over a port; the frame that had one before has none then. */
  connectApp: shape([text, port], nothing),
  /** What the `localStorage` of a running app holds; undefined where it may not store data. */
  appStorage: shape([text], nullable(bytes)),
  answerApp: shape([text, answer], nothing),
  /** Makes a small app that works, in a folder; gives its path. */
  newApp: shape([text, text], path),
  /** Makes a file as an app begins it. */
  newAppFile: shape([text, text, text, text], text),
};
