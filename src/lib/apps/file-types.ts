/**
 * The media type a file is sent with: by its extension where that says it, else what is stored with
 * the file, if it is one at all. Both are hostile; nothing but the receiving frame believes them.
 */
import { extensionOf } from '#lib/content/index.ts';

/** The list of C-9 §9.10, for websites; other extensions go by content and stored type. */
const SITE_TYPES: ReadonlyMap<string, string> = new Map([
  ['js', 'text/javascript'],
  ['html', 'text/html'],
  ['css', 'text/css'],
  ['json', 'application/json'],
  ['png', 'image/png'],
  ['woff', 'font/woff'],
  ['svg', 'image/svg+xml'],
  ['wasm', 'application/wasm'],
  ['xml', 'application/xml'],
]);

/** What apps have beyond that. */
const APP_TYPES: ReadonlyMap<string, string> = new Map([
  ...SITE_TYPES,
  ['mjs', 'text/javascript'],
  ['htm', 'text/html'],
  ['map', 'application/json'],
  ['webmanifest', 'application/manifest+json'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['ico', 'image/x-icon'],
  ['woff2', 'font/woff2'],
  ['ttf', 'font/ttf'],
  ['otf', 'font/otf'],
  ['mp3', 'audio/mpeg'],
  ['ogg', 'audio/ogg'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
  ['pdf', 'application/pdf'],
]);

const TYPE = /^[a-z0-9][a-z0-9.+_-]{0,63}\/[a-z0-9][a-z0-9.+_-]{0,126}$/u;
export const UNKNOWN_TYPE = 'application/octet-stream';

/** The type of a website's file by its name; undefined where C-9 §9.10 looks at the content. */
export function siteTypeByName(name: string): string | undefined {
  return SITE_TYPES.get(extensionOf(name));
}

/** The type of an app's file, or of one it opened. */
export function typeOfFile(name: string, storedType: string): string {
  return APP_TYPES.get(extensionOf(name)) ?? cleanType(storedType);
}

/** A stored type that may stand in a header; any other text is no type. */
export function cleanType(storedType: string): string {
  const type = storedType.trim().toLowerCase();
  return TYPE.test(type) ? type : UNKNOWN_TYPE;
}
