/** The type of a file in words: `image/jpg` is a “JPEG picture”. */
import type { Entry } from '#lib/client/index.ts';
import { iconKindOf, type IconKind } from './icon-kind.ts';
import { kindWord } from './kind-word.ts';
import { m } from './messages.ts';

/** What formats are called, by the second part of the type; others by the end of the name. */
const FORMATS = new Map<string, string>(
  Object.entries({
    jpg: 'JPEG',
    jpeg: 'JPEG',
    pjpeg: 'JPEG',
    png: 'PNG',
    gif: 'GIF',
    webp: 'WebP',
    avif: 'AVIF',
    heic: 'HEIC',
    heif: 'HEIF',
    tiff: 'TIFF',
    bmp: 'BMP',
    'svg+xml': 'SVG',
    mp4: 'MP4',
    webm: 'WebM',
    quicktime: 'QuickTime',
    'x-matroska': 'Matroska',
    'x-msvideo': 'AVI',
    mpeg: 'MPEG',
    flac: 'FLAC',
    'x-flac': 'FLAC',
    ogg: 'Ogg',
    opus: 'Opus',
    aac: 'AAC',
    wav: 'WAV',
    'x-wav': 'WAV',
    pdf: 'PDF',
    'epub+zip': 'EPUB',
    msword: 'Word',
    zip: 'ZIP',
    json: 'JSON',
    html: 'HTML',
    css: 'CSS',
    csv: 'CSV',
    markdown: 'Markdown',
  }),
);
const LONGEST_EXTENSION = 5;

/** What it is called in a sentence of details. */
export function typeWord(entry: Pick<Entry, 'kind' | 'mimeType' | 'name'>): string {
  const kind = iconKindOf(entry);
  const format = formatOf(kind, entry);
  return format === undefined ? kindWord(kind) : withFormat(kind, format);
}

function withFormat(kind: IconKind, format: string): string {
  const words: Partial<Record<IconKind, (text: { format: string }) => string>> = {
    image: m.type_image,
    video: m.type_video,
    audio: m.type_audio,
    text: m.type_text,
    document: m.type_document,
    table: m.type_table,
    slides: m.type_slides,
    code: m.type_code,
    archive: m.type_archive,
    app: m.type_app,
  };
  return (words[kind] ?? m.type_other)({ format });
}

function formatOf(
  kind: IconKind,
  { mimeType, name }: Pick<Entry, 'mimeType' | 'name'>,
): string | undefined {
  if (kind === 'folder') return undefined;
  const [type = '', subtype = ''] = mimeType.toLowerCase().split(';')[0]!.trim().split('/');
  if (subtype === 'mpeg' && type === 'audio') return 'MP3';
  if (subtype === 'mp4' && type === 'audio') return 'AAC';
  const known = FORMATS.get(subtype);
  if (known !== undefined) return known;
  const extension = /\.([a-z0-9]+)$/iu.exec(name)?.[1];
  if (extension === undefined || extension.length > LONGEST_EXTENSION) return undefined;
  return FORMATS.get(extension.toLowerCase()) ?? extension.toUpperCase();
}
