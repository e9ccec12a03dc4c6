/**
 * What a file is: its media type by its first bytes, the encoding of its text, the kind its name
 * and label suggest, and the viewer that shows it. Pure; all input is hostile and nothing here is
 * executed or trusted further than to choose how bytes are drawn. The MIME type on the wire is not
 * decided here (A-8 §12): that is a label, this is a second opinion.
 */
export { decideViewer, START_BYTES } from './decide-viewer.ts';
export type { Decision, Viewer } from './decide-viewer.ts';
export { pathBeside } from './relative-path.ts';
export { decodeText, detectEncoding, ENCODINGS } from './text-encoding.ts';
export type { TextEncodingName, Writing } from './text-encoding.ts';
export { byteOrderMark, encodeText, isWritableEncoding } from './encode-text.ts';
export type { Encoded } from './encode-text.ts';
export { ENCODING_NAMES } from './encoding-names.ts';
export { textKindOf } from './text-kind.ts';
export type { TextKind } from './text-kind.ts';
export { extensionOf, kindByHints } from './kind-by-hints.ts';
export type { FileKind } from './kind-by-hints.ts';
export { mediaTypeOf } from './media-type.ts';
