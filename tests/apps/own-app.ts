/** The test app of our own, with the files that are no text. */
import { appFolder } from './app-files.ts';

/** A picture of one pixel. */
const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** `(func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)` */
const ADD = Buffer.from(
  '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b',
  'hex',
).toString('base64');
const LARGE_BYTES = 11_000_000;

export function ownApp(): Record<string, string> {
  const large = Buffer.alloc(LARGE_BYTES, 1);
  large[LARGE_BYTES - 1] = 7;
  return {
    ...appFolder('own'),
    'img/dot.png': DOT,
    'img/dot2.png': DOT,
    'img/font.woff2': '',
    'add.wasm': ADD,
    'large.bin': large.toString('base64'),
  };
}

/** In which order its scripts run. */
export const ORDER = ['a', 'inline', 'b', 'deferred', 'module', 'DOMContentLoaded', 'load'];

/** What the app finds out about itself, in every browser. */
export const EXPECTED = {
  search: '?theme=dark&isPathWritable=true',
  missingSheet: 'error',
  missingPicture: 'error',
  inlineModule: 42,
  inlineMeta: true,
  static: 8,
  mapped: 'true lazy',
  cycle: 'abfunction',
  meta: true,
  dynamic: 'lazy',
  computed: 'lazy',
  missingModule: 'TypeError',
  fetchUrl: 42,
  fetchMissing: 404,
  fetchElsewhere: 404,
  fetchNull: 404,
  fetchData: 'hi',
  fetchBlob: 'of the page',
  fetchAborted: 'AbortError',
  large: `${String(LARGE_BYTES)} 7`,
  xhr: '1,2,3,4 200 42',
  syncXhr: 42,
  xhrDocument: 'Other page',
  wasm: 42,
  classicWorker: {
    data: 'hello',
    part: 'part',
    answer: 42,
    xhr: 42,
    text: 'of the worker',
    at: true,
  },
  moduleWorker: { data: 10, lazy: 'lazy', meta: true },
  blobWorker: 2,
  revokedWorker: 3,
  dataWorker: 4,
  failingWorker: 'error',
  missingWorker: 'error',
  data: '201 204 201 204 first second',
  pick: 'written',
  localStorage: 'before yes 3 kept,made,byName',
  cookie: 'b=2',
  indexedDB: '2a,1b',
  addedPicture: '1 true false',
  markupPicture: '1 false',
  addedScript: 'added',
  svgImage: true,
  surroundings: 'true true  en',
  history: 1,
  namedPolicy: 'function',
  style: 'rgb(1, 2, 3) url("blob:',
  fonts: true,
  pictures: '1,1',
  theme: 'dark',
} as const;
