/**
 * Which viewer shows a file: by its first bytes, then by its name, then by its label. Bytes that
 * are recognised are believed before any name; a name is believed before a label that rests on two
 * letters; and what nothing recognises has no viewer.
 */
import { extensionOf, isWeakLabel, kindByHints, kindByName, kindByType } from './kind-by-hints.ts';
import type { FileKind } from './kind-by-hints.ts';
import { mediaTypeOf } from './media-type.ts';
import { packageTypeOf } from './package-type.ts';
import { rootIsSvg } from './svg.ts';
import { decodeText, detectEncoding } from './text-encoding.ts';

/** The number of bytes that are read of a file. */
export const START_BYTES = 64 * 1024;

export type Viewer = 'image' | 'video' | 'audio' | 'text' | 'pdf' | 'document';

export interface Decision {
  /** Undefined: there is none for it. */
  readonly viewer: Viewer | undefined;
  /** What the file is. */
  readonly kind: FileKind;
  /** The media type to hand its bytes out with. */
  readonly mimeType: string;
}

export interface Seen {
  readonly name: string;
  /** The MIME type stored with the file. */
  readonly label: string;
  /** The first {@link START_BYTES} bytes, or all of them. */
  readonly start: Uint8Array;
  readonly sizeBytes: number;
}

const PLAIN_TEXT: Decision = { viewer: 'text', kind: 'text', mimeType: 'text/plain' };

export function decideViewer(seen: Seen): Decision {
  const { name, label, start, sizeBytes } = seen;
  if (sizeBytes === 0) return ofNothing(name, label);
  const text = detectEncoding(start, start.length < sizeBytes);
  const media = mediaTypeOf(start, sizeBytes);
  // A PDF may begin with letters only; everything else that is plainly text is text.
  if (media === 'application/pdf') return known(media, name);
  if (text?.certain === true) return ofText(seen, text.encoding);
  if (media === 'application/zip') return ofArchive(start, name);
  if (media !== undefined) return known(media, name);
  return text === undefined ? byHints(name, label) : ofText(seen, text.encoding);
}

/** The media type is known by the bytes. */
function known(mimeType: string, name: string): Decision {
  const kind = kindByType(mimeType);
  if (mimeType === 'application/pdf') return { viewer: 'pdf', kind, mimeType };
  const named = kindByName(name);
  if (kind === 'image' || kind === 'audio') return { viewer: kind, kind, mimeType };
  if (kind === 'video') {
    // Films and sounds share these forms, and the bytes that tell may come late.
    if (named !== 'audio') return { viewer: kind, kind, mimeType };
    return { viewer: 'audio', kind: 'audio', mimeType: mimeType.replace('video/', 'audio/') };
  }
  // Documents are archives or share a container; their names tell.
  return { viewer: undefined, kind: named === 'document' ? named : kind, mimeType };
}

/** Books and office documents are archives whose first files, or else the name, say so. */
function ofArchive(start: Uint8Array, name: string): Decision {
  const mimeType = packageTypeOf(start, extensionOf(name));
  if (mimeType === undefined) return known('application/zip', name);
  return { viewer: 'document', kind: 'document', mimeType };
}

function ofText({ name, label, start }: Seen, encoding: string): Decision {
  if (!/[<]/u.test(String.fromCharCode(...start.subarray(0, 4096)))) return PLAIN_TEXT;
  const extension = extensionOf(name);
  const isNamed = extension === 'svg' || label.startsWith('image/svg');
  if (!isNamed && kindByName(name) !== undefined) return PLAIN_TEXT;
  const root = rootIsSvg(decodeText(start, encoding, true));
  const isSvg = root === 'yes' || (root === 'unfinished' && isNamed);
  return isSvg ? { viewer: 'image', kind: 'image', mimeType: 'image/svg+xml' } : PLAIN_TEXT;
}

/** An empty file can be an empty text, and nothing else; so can one of which nothing is known. */
function ofNothing(name: string, label: string): Decision {
  const kind = kindByHints(name, label);
  return kind === 'text' || kind === 'other'
    ? PLAIN_TEXT
    : { viewer: undefined, kind, mimeType: label };
}

/** The bytes match no known format: the browser may know it. */
function byHints(name: string, label: string): Decision {
  const kind = kindByName(name) ?? (isWeakLabel(label) ? 'other' : kindByHints(name, label));
  const mimeType = kindByType(label) === kind ? label : 'application/octet-stream';
  switch (kind) {
    case 'image':
    case 'video':
    case 'audio':
    case 'text':
      return { viewer: kind, kind, mimeType };
    default:
      return { viewer: undefined, kind, mimeType };
  }
}
