/**
 * The MIME type the reference gives a file (A-8 §12), from its name and its first 40 bytes.
 *
 * A label for icons and viewers. Nothing may parse or execute by it: both inputs are whatever the
 * uploader chose.
 */

/** Bytes at the start of a file that decide. */
export const MIME_PREFIX_BYTES = 40;

/** MIME type for a file called `name` that begins with `start`. */
export function mimeTypeOf(name: string, start: Uint8Array): string {
  const prefix = start.subarray(0, MIME_PREFIX_BYTES);
  for (const [matches, type] of SIGNATURES) {
    if (matches(prefix)) return typeof type === 'string' ? type : type(name, prefix);
  }
  const text = asText(prefix);
  return text === undefined ? 'application/octet-stream' : textType(name, text);
}

type Test = (prefix: Uint8Array) => boolean;
type TypeOf = string | ((name: string, prefix: Uint8Array) => string);

/** Bytes at an offset; text stands for its ASCII codes. */
function at(offset: number, ...expected: readonly (string | number)[]): Test {
  const bytes = expected.flatMap((part) =>
    typeof part === 'number' ? [part] : [...part].map((letter) => letter.charCodeAt(0)),
  );
  return (prefix) => bytes.every((byte, i) => prefix[offset + i] === byte);
}

const all =
  (...tests: readonly Test[]): Test =>
  (prefix) =>
    tests.every((test) => test(prefix));

const any =
  (...tests: readonly Test[]): Test =>
  (prefix) =>
    tests.some((test) => test(prefix));

const isOgg = at(0, 'OggS', 0, 2);

const SIGNATURES: readonly (readonly [Test, TypeOf])[] = [
  [at(0, 'BM'), 'image/bmp'],
  [at(0, 'GIF'), 'image/gif'],
  [
    at(0, 0x89, 'PNG', 0x0d, 0x0a, 0x1a, 0x0a),
    (name) => (name.endsWith('.ico') ? 'image/vnd.microsoft.icon' : 'image/png'),
  ],
  [at(0, 0xff, 0xd8), 'image/jpg'],
  [any(at(0, 0, 0, 1, 0), at(0, 0, 0, 2, 0)), 'image/x-icon'],
  [all(at(0, 'RIFF'), at(8, 'WEBP')), 'image/webp'],
  [any(at(0, 0xff, 0x0a), at(0, 0, 0, 0, 0x0c, 'JXL ', 0x0d, 0x0a, 0x87, 0x0a)), 'image/jxl'],
  [any(at(0, 'II', 0x2a, 0), at(0, 'MM', 0, 0x2a)), 'image/tiff'],
  [all(at(0, 0), at(4, 'ftyp')), (_, prefix) => isoMediaType(prefix)],
  [any(at(4, 'pnot'), at(4, 'moov'), at(4, 'mdat')), 'video/quicktime'],
  [at(24, 'webm'), 'video/webm'],
  [
    all(isOgg, any(at(28, 0x80, 'theora'), at(28, 'fishead', 0), at(28, 1, 'video', 0, 0, 0))),
    'video/ogg',
  ],
  [at(0, 0x1a, 0x45, 0xdf, 0xa3), 'video/x-matroska'],
  [at(0, 'FLV'), 'video/x-flv'],
  [at(8, 'AVI '), 'video/avi'],
  [at(0, 'MThd'), 'audio/midi'],
  [any(at(0, 'ID3'), at(0, 0xff, 0xfb), at(0, 0xff, 0xfa)), 'audio/mpeg'],
  [at(0, 'fLaC'), 'audio/flac'],
  [
    all(
      isOgg,
      any(at(28, 'OpusHead'), at(28, 0x7f, 'FLAC'), at(28, 1, 'vorbis'), at(28, 'Speex   ')),
    ),
    'audio/ogg',
  ],
  [all(at(0, 'RIFF'), at(8, 'WAVE')), 'audio/wav'],
  [all(at(0, 'FORM'), at(8, 'AIFF')), 'audio/aiff'],
  [at(0, '%PDF'), 'application/pdf'],
  [at(0, '%!PS-Adobe-'), 'application/postscript'],
  [at(0, 0, 'asm'), 'application/wasm'],
  [at(0, 'PK', 3, 4), zipType],
  [at(0, 0x1f, 0x8b, 8), 'application/x-gzip'],
  [at(0, 'Rar!', 0x1a, 7), 'application/x-rar-compressed'],
  [at(0, 'wOFF'), 'font/woff'],
  [at(0, 'wOF2'), 'font/woff2'],
  [at(0, 'OTTO'), 'font/otf'],
  [at(0, 0, 1, 0, 0), 'font/ttf'],
  [at(0, 0x82, 0x11), 'application/vnd.peergos-post'],
  [at(0, 0x82, 0x18, 0x18), 'application/vnd.peergos-identity-proof'],
];

const ISO_BRANDS: readonly (readonly [Test, string])[] = [
  [
    any(at(8, 'iso2'), at(8, 'isom'), at(8, 'dash'), at(8, 'mp42'), at(8, 'mp41'), at(16, 'isom')),
    'video/mp4',
  ],
  [at(8, 'M4V '), 'video/m4v'],
  [at(8, 'avif'), 'image/avif'],
  [at(8, 'heic'), 'image/heic'],
  [at(8, 'M4A '), 'audio/mp4'],
  [at(8, 'avc1'), 'video/h264'],
  [at(8, 'qt  '), 'video/quicktime'],
  [at(8, '3gp'), 'video/3gpp'],
];

const ZIP_TYPES: ReadonlyMap<string, string> = new Map([
  ['jar', 'application/java-archive'],
  ['epub', 'application/epub+zip'],
  ['pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['odt', 'application/vnd.oasis.opendocument.text'],
  ['ods', 'application/vnd.oasis.opendocument.spreadsheet'],
  ['odp', 'application/vnd.oasis.opendocument.presentation'],
  ['apk', 'application/vnd.android.package-archive'],
]);

const TEXT_TYPES: ReadonlyMap<string, string> = new Map([
  ...['md', 'csv', 'xml', 'asp', 'rtf', 'yaml'].map((type) => [type, `text/${type}`] as const),
  ['edn', 'text/x-clojure'],
  ['java', 'text/x-java-source'],
  ['f', 'text/x-fortran'],
  ['s', 'text/x-asm'],
  ['p', 'text/x-pascal'],
  ['c', 'text/x-c'],
  ['rt', 'text/richtext'],
  ['rtx', 'text/richtext'],
  ['mjs', 'text/javascript'],
  ['gv', 'text/vnd.graphviz'],
  ['excalidraw', 'text/application/vnd.excalidraw+json'],
  ...['c9r', 'c9s', 'bkup', 'cryptomator'].map(
    (type) => [type, 'application/vnd.cryptomator.encrypted'] as const,
  ),
]);

function isoMediaType(prefix: Uint8Array): string {
  return ISO_BRANDS.find(([matches]) => matches(prefix))?.[1] ?? 'video/mp4';
}

function zipType(name: string): string {
  return ZIP_TYPES.get(extensionOf(name)) ?? 'application/zip';
}

function textType(name: string, text: string): string {
  if (name.endsWith('.ics') && text.startsWith('BEGIN:VCALENDAR')) return 'text/calendar';
  if (name.endsWith('.vcf') && text.startsWith('BEGIN:VCARD')) return 'text/vcard';
  if (name.endsWith('.html')) return 'text/html';
  if (name.endsWith('.css')) return 'text/css';
  if (name.endsWith('.js')) return 'text/javascript';
  const isSvg = text.startsWith('<?xml') || text.startsWith('<svg ');
  if (name.endsWith('.svg') && isSvg) return 'image/svg+xml';
  if (name.endsWith('.json')) return 'application/json';
  const byExtension = TEXT_TYPES.get(extensionOf(name));
  if (byExtension !== undefined) return byExtension;
  const lower = text.toLowerCase();
  return lower.includes('html>') || lower.includes('<html') ? 'text/html' : 'text/plain';
}

/** What follows the last dot, in its own case; empty without a dot. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** The prefix as text, or undefined if it is not UTF-8. A last character that was cut off is dropped. */
function asText(prefix: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(prefix, {
      stream: true,
    });
  } catch {
    return undefined;
  }
}
