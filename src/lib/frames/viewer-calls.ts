/**
 * Calls between a viewer's frame and the two others: the engine, which has the opened file, and the
 * page, which has the screen around it. A file's bytes go between frame and engine alone.
 */
import {
  bytes,
  count,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  shape,
  text,
  texts,
  type Parser,
} from '#lib/rpc/index.ts';
import { themeName } from './frame-start.ts';

/** The most bytes of a file that one call reads. */
export const READ_LIMIT_BYTES = 5 * 1024 * 1024;
/** The most bytes of a file that a viewer may hold and save. */
export const SAVE_LIMIT_BYTES = 512 * 1024 * 1024;
/** The most bytes of unsaved work that are kept for the next start. */
export const DRAFT_LIMIT_BYTES = 32 * 1024 * 1024;

/** Frame → engine: the file that the viewer was opened with, and no other. */
export const fileCalls = {
  /**
   * The file as it is now; later calls are about this version of it. `copies`: a copy can be saved
   * beside it.
   */
  open: shape(
    [],
    object(
      { name: text, mimeType: text, sizeBytes: count, writable: flag, copies: flag },
      { draft: bytes },
    ),
  ),
  /** Bytes from start to end, end not included, at most READ_LIMIT_BYTES of them. */
  read: shape([count, count], bytes),
  /** All bytes anew. Fails with FileChangedMeanwhile where the file is of another version by now. */
  save: shape([bytes], nothing),
  /** Bytes at the end; fails as {@link save} does. */
  append: shape([bytes], nothing),
  /** All bytes as a new file in the same folder; its name. */
  saveCopy: shape([bytes], text),
  /**
   * A file that was found in the opened one, as a new file in the same folder; its name, which is made of
   * the wanted one and may be another.
   */
  saveFound: shape([text, bytes], text),
  /** Keeps unsaved work, sealed, until it is saved or dropped. */
  keepDraft: shape([bytes], nothing),
  dropDraft: shape([], nothing),
  /** A file beside the opened one or below its folder, by a relative path; undefined: none. */
  readBeside: shape([text], nullable(object({ bytes, mimeType: text }))),
};

/** Keys that the screen around a viewer has. */
export const PAGE_KEYS = ['Escape', 'next', 'previous', 'details', 'help'] as const;
export type PageKey = (typeof PAGE_KEYS)[number];
const pageKey: Parser<PageKey> = oneOf(...PAGE_KEYS);

/** What a user chooses once for every file. */
export const VIEWER_CHOICES = ['wrap', 'autosave', 'side-by-side'] as const;
export type ViewerChoice = (typeof VIEWER_CHOICES)[number];

/** The bytes are damaged, or they do not come; or it is too large, or locked by a key. */
const VIEWER_FAILURES = ['damaged', 'unread', 'too-large', 'protected'] as const;
export type ViewerFailure = (typeof VIEWER_FAILURES)[number];

/** Frame → page. */
export const pageCalls = {
  /** A module of the viewer's own program by its name in the build, with what it needs. */
  module: shape([text], object({ bytes, imports: listOf(text), css: listOf(text) })),
  /** Another file of the viewer's own program. */
  asset: shape([text], bytes),
  /** Whether there is unsaved work, which closing asks about. */
  state: shape([object({ dirty: flag })], nothing),
  /** A key that is none of the viewer's. */
  key: shape([pageKey], nothing),
  /** What the user chose for all viewers before, by name. */
  choices: shape([], texts),
  choose: shape([oneOf(...VIEWER_CHOICES), text], nothing),
  /** The file cannot be shown, and why. */
  fail: shape([oneOf(...VIEWER_FAILURES)], nothing),
  /** Where the file was left, for instance the number of pages before it; 0 for the beginning. */
  place: shape([], count),
  /** It is left there, of so many. */
  keepPlace: shape([count, count], nothing),
  /** The user chose a link: a relative path in the drive, or an address elsewhere. */
  follow: shape([text], nothing),
};

/** Page → frame. */
export const viewerCalls = {
  theme: shape([themeName], nothing),
  /** `discard`: unsaved work is thrown away; `keep`: it is kept for the next start at once. */
  command: shape([oneOf('save', 'discard', 'keep', 'find', 'print')], nothing),
  /** The keyboard goes to the viewer. */
  focus: shape([], nothing),
};
