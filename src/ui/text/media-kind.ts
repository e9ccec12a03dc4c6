/** What a file is, to a person: decides its icon, its word and the viewer that opens it. */
import type { Entry } from '#lib/client/index.ts';

export type MediaKind =
  'folder' | 'image' | 'video' | 'audio' | 'text' | 'document' | 'archive' | 'other';

const TEXT = new Set([
  'application/json',
  'application/javascript',
  'application/xml',
  'application/x-sh',
  'application/toml',
  'application/yaml',
  'application/x-yaml',
  'application/sql',
  'message/rfc822',
]);
const ARCHIVE = /zip|gzip|tar|rar|7z|bzip|xz|zstd/u;
const DOCUMENT = /pdf|word|opendocument|officedocument|msword|excel|powerpoint|epub|rtf/u;
/** Formats that browsers draw in an `<img>`, where nothing of them can run. */
const IMAGE = /^image\/(jpeg|png|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon|jpg)$/u;

/** The kind of an entry, from its hints alone. */
export function mediaKindOf(entry: Pick<Entry, 'kind' | 'mimeType'>): MediaKind {
  if (entry.kind === 'folder') return 'folder';
  const type = entry.mimeType.toLowerCase().split(';')[0]!.trim();
  if (type.startsWith('image/')) return IMAGE.test(type) ? 'image' : 'other';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('text/') || TEXT.has(type) || type.endsWith('+json')) return 'text';
  if (DOCUMENT.test(type)) return 'document';
  if (ARCHIVE.test(type)) return 'archive';
  return 'other';
}
