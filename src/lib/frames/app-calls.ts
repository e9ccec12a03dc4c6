/**
 * Calls between an app's frame and the two others: the engine, which has the app's files and its
 * data, and the page around it. Everything an app sends is hostile input; the engine decides.
 */
import {
  bytes,
  count,
  flag,
  listOf,
  nothing,
  object,
  oneOf,
  refused,
  shape,
  text,
  type Parser,
} from '#lib/rpc/index.ts';
import { themeName } from './frame-start.ts';

/** Bytes of a request's body, at most. */
export const REQUEST_BODY_LIMIT_BYTES = 64 * 1024 * 1024;
/** Bytes of the `localStorage` of an app, at most. */
export const STORAGE_LIMIT_BYTES = 5 * 1024 * 1024;

const header: Parser<readonly [string, string]> = (value, what) => {
  const [name, content, ...rest] = listOf(text)(value, what);
  if (name === undefined || content === undefined || rest.length > 0) throw refused(what, 'a pair');
  return [name, content];
};
const headers = listOf(header);

/** Frame → engine. */
export const appDataCalls = {
  /** All files of the app: paths below its first address, not encoded. */
  list: shape([], listOf(object({ path: text, sizeBytes: count, type: text }))),
  /**
   * A request of the app's document. The path is below the address of the frame, still encoded. A body of
   * more than 5 MiB is not in the answer: `bodyId` names it for {@link readBody}.
   */
  request: shape(
    [object({ method: text, path: text, query: text, headers }, { body: bytes })],
    object({ status: count, headers, sizeBytes: count }, { body: bytes, bodyId: text }),
  ),
  /** Bytes from start to end of a large body, end not included, at most READ_LIMIT_BYTES. */
  readBody: shape([text, count, count], bytes),
  /** The body is not needed any more. */
  releaseBody: shape([text], nothing),
  /** What `localStorage` holds, as JSON; refused where the app may not store data. */
  writeStorage: shape([bytes], nothing),
};

/** Frame → page. */
export const appPageCalls = {
  /** A link to another page of the app; the path is below its first address, not encoded. */
  navigate: shape([object({ path: text, query: text, hash: text })], nothing),
  /** Whether there is unsaved work, which closing asks about. */
  state: shape([object({ dirty: flag })], nothing),
  /** For developers: what the app says on its console, and what failed in it. */
  note: shape([object({ kind: oneOf('log', 'warning', 'error'), text })], nothing),
};

/** Page → frame. */
export const appCalls = {
  theme: shape([themeName], nothing),
  /** Files of the app changed; a frame that can take a new style sheet does, the page reloads others. */
  changed: shape([listOf(text)], flag),
};
