/**
 * The media type of a file by its first bytes. Stricter than the label on the wire, which believes
 * two letters: a signature that is all letters counts only with the header that follows it.
 */
import { audioFramesType } from './audio-frames.ts';
import { fourLetters, isAt, uint32Little } from './bytes-at.ts';
import { isoMediaType } from './iso-media.ts';

/** Sizes that headers of BMP pictures have. */
const BMP_HEADERS = [12, 16, 40, 52, 56, 64, 108, 124];
/** How far before a PDF's first line other bytes may stand. */
const PDF_WITHIN_BYTES = 1024;

/** The media type, or undefined where nothing is recognised; text is never recognised here. */
export function mediaTypeOf(start: Uint8Array, sizeBytes: number): string | undefined {
  return (
    pictureType(start) ??
    isoMediaType(start) ??
    riffType(start) ??
    oggType(start) ??
    matroskaType(start) ??
    otherType(start) ??
    audioFramesType(start, sizeBytes)
  );
}

function pictureType(start: Uint8Array): string | undefined {
  if (isAt(start, 0, 0x89, 'PNG', 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (isAt(start, 0, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  // A colour table size and the end of the header: letters alone are no picture.
  if ((isAt(start, 0, 'GIF87a') || isAt(start, 0, 'GIF89a')) && start.length > 12) {
    return 'image/gif';
  }
  if (isAt(start, 0, 'BM') && BMP_HEADERS.includes(uint32Little(start, 14))) return 'image/bmp';
  if (isAt(start, 0, 'II', 0x2a, 0) || isAt(start, 0, 'MM', 0, 0x2a)) return 'image/tiff';
  if (isAt(start, 0, 0xff, 0x0a) || isAt(start, 4, 'JXL ', 0x0d, 0x0a, 0x87, 0x0a)) {
    return 'image/jxl';
  }
  const isIcon = isAt(start, 0, 0, 0, 1, 0) || isAt(start, 0, 0, 0, 2, 0);
  if (isIcon && start[4] !== 0 && isAt(start, 9, 0)) return 'image/x-icon';
  return isAt(start, 0, '8BPS', 0) ? 'image/vnd.adobe.photoshop' : undefined;
}

function riffType(start: Uint8Array): string | undefined {
  const isLarge = isAt(start, 0, 'RF64') || isAt(start, 0, 'BW64');
  if (isLarge) return isAt(start, 8, 'WAVE') ? 'audio/wav' : undefined;
  if (isAt(start, 0, 'FORM') && ['AIFF', 'AIFC'].includes(fourLetters(start, 8))) {
    return 'audio/aiff';
  }
  if (!isAt(start, 0, 'RIFF')) return undefined;
  const kinds: Record<string, string> = {
    WEBP: 'image/webp',
    WAVE: 'audio/wav',
    'AVI ': 'video/avi',
  };
  return kinds[fourLetters(start, 8)];
}

function oggType(start: Uint8Array): string | undefined {
  if (!isAt(start, 0, 'OggS', 0)) return undefined;
  const isFilm =
    isAt(start, 28, 0x80, 'theora') || isAt(start, 28, 'fishead', 0) || isAt(start, 28, 1, 'video');
  return isFilm ? 'video/ogg' : 'audio/ogg';
}

/** A track's codec is named `V_…` or `A_…`: without the first there is nothing to see. */
function matroskaType(start: Uint8Array): string | undefined {
  if (!isAt(start, 0, 0x1a, 0x45, 0xdf, 0xa3)) return undefined;
  const letters = String.fromCharCode(...start.subarray(0, 4096));
  const major = !/V_[A-Z]/u.test(letters) && /A_[A-Z]/u.test(letters) ? 'audio' : 'video';
  return `${major}/${letters.slice(0, 64).includes('webm') ? 'webm' : 'x-matroska'}`;
}

const OTHERS: readonly (readonly [string, ...(string | number)[]])[] = [
  ['audio/flac', 'fLaC'],
  ['audio/midi', 'MThd', 0, 0, 0, 6],
  ['audio/amr', '#!AMR'],
  ['video/x-flv', 'FLV', 1],
  ['video/mpeg', 0, 0, 1, 0xba],
  ['video/mpeg', 0, 0, 1, 0xb3],
  ['video/x-ms-asf', 0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11],
  ['application/zip', 'PK', 3, 4],
  ['application/zip', 'PK', 5, 6],
  ['application/gzip', 0x1f, 0x8b, 8],
  ['application/x-bzip2', 'BZh', 0x31],
  ['application/x-bzip2', 'BZh', 0x39],
  ['application/x-xz', 0xfd, '7zXZ', 0],
  ['application/zstd', 0x28, 0xb5, 0x2f, 0xfd],
  ['application/x-7z-compressed', '7z', 0xbc, 0xaf, 0x27, 0x1c],
  ['application/x-rar-compressed', 'Rar!', 0x1a, 7],
  ['application/msword', 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
  ['application/wasm', 0, 'asm'],
  ['font/woff', 'wOFF'],
  ['font/woff2', 'wOF2'],
  ['font/otf', 'OTTO', 0],
  ['font/ttf', 0, 1, 0, 0, 0],
];

function otherType(start: Uint8Array): string | undefined {
  const found = OTHERS.find(([, ...signature]) => isAt(start, 0, ...signature));
  if (found !== undefined) return found[0];
  if (isTagged(start)) return 'audio/mpeg';
  if (isAt(start, 257, 'ustar')) return 'application/x-tar';
  const isTransport = [0, 188, 376].every((at) => start[at] === 0x47);
  if (isTransport) return 'video/mp2t';
  const head = String.fromCharCode(...start.subarray(0, PDF_WITHIN_BYTES));
  return head.includes('%PDF-') && /%PDF-\d/u.test(head) ? 'application/pdf' : undefined;
}

/** An ID3v2 tag: a version, flags, and a length of four times seven bits. */
function isTagged(start: Uint8Array): boolean {
  if (!isAt(start, 0, 'ID3') || start.length < 10) return false;
  const version = start[3]!;
  const isLength = start.subarray(6, 10).every((byte) => byte < 0x80);
  return version >= 2 && version <= 4 && start[4]! < 0x10 && (start[5]! & 0x0f) === 0 && isLength;
}
