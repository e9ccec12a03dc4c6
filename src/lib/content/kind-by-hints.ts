/**
 * The kind of a file by what is said of it: its name and its label (the MIME type on the wire).
 * Good enough for an icon; a viewer looks at the bytes as well.
 */
export type FileKind = 'image' | 'video' | 'audio' | 'text' | 'document' | 'archive' | 'other';

const EXTENSIONS: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  image:
    'jpg jpeg jpe jfif png apng gif webp avif avifs bmp dib svg ico cur tif tiff heic heif jxl psd',
  video: 'mp4 m4v mov webm mkv ogv avi mpg mpeg m2v mts m2ts wmv flv 3gp 3g2',
  audio: 'mp3 mp2 m4a m4b aac wav wave flac ogg oga opus aif aiff aifc mka weba mid midi wma amr',
  text:
    'txt text md markdown rst adoc tex log csv tsv json jsonl ndjson yaml yml toml ini cfg conf env ' +
    'xml html htm xhtml css scss less js mjs cjs ts jsx tsx svelte vue py rb pl php java kt c h cpp ' +
    'cc hpp cs go rs swift scala lua r jl sql sh bash zsh fish ps1 bat cmd diff patch srt vtt sub ' +
    'ics vcf eml nfo bib asm s f90 gv dot reg properties gradle cmake m3u m3u8 cue gpx kml',
  document:
    'pdf doc docx odt rtf pages xls xlsx ods numbers ppt pptx odp key epub mobi azw3 djvu ps',
  archive: 'zip gz tgz tar rar 7z bz2 xz zst jar apk iso dmg cab lz lzma',
};

const KIND_OF_EXTENSION: ReadonlyMap<string, FileKind> = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, list]) =>
    list.split(' ').map((extension) => [extension, kind as FileKind] as const),
  ),
);

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
const DOCUMENT =
  /pdf|word|opendocument|officedocument|msword|excel|powerpoint|epub|rtf|postscript/u;
/** Labels that rest on a letter or two, or on nothing: a name that says otherwise is believed. */
const WEAK =
  /^(?:|application\/octet-stream|application\/zip|text\/plain|image\/(?:bmp|gif|x-icon)|audio\/mpeg|video\/(?:mp4|x-flv|quicktime|x-matroska))$/u;

/** What follows the last dot, in small letters; empty without a dot. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** The kind by the end of the name; undefined for one that says nothing. */
export function kindByName(name: string): FileKind | undefined {
  return KIND_OF_EXTENSION.get(extensionOf(name));
}

/** The kind a media type is of. */
export function kindByType(mimeType: string): FileKind {
  const type = essenceOf(mimeType);
  if (type.startsWith('image/')) return 'image';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('text/') || TEXT.has(type) || type.endsWith('+json')) return 'text';
  if (DOCUMENT.test(type)) return 'document';
  if (ARCHIVE.test(type)) return 'archive';
  return 'other';
}

/** Whether little is known by this label alone. */
export function isWeakLabel(mimeType: string): boolean {
  return WEAK.test(essenceOf(mimeType));
}

/** The kind by name and label together. */
export function kindByHints(name: string, mimeType: string): FileKind {
  const labelled = kindByType(mimeType);
  if (labelled !== 'other' && !isWeakLabel(mimeType)) return labelled;
  return kindByName(name) ?? labelled;
}

function essenceOf(mimeType: string): string {
  return mimeType.toLowerCase().split(';')[0]!.trim();
}
