/**
 * Headers of answers that carry a person's file.
 *
 * Invariant: no file can run as script in our origin, whatever it contains and whatever its name or
 * MIME type claim. Three independent bars: a fixed list of types that may be shown (everything else
 * is `application/octet-stream`), `nosniff`, and a Content-Security-Policy that puts the answer into
 * a sandbox without script, should anybody navigate to it.
 */

/** Types a browser may show, as stored (A-8 §12) → as sent. */
const SHOWN_TYPES: ReadonlyMap<string, string> = new Map([
  ...['bmp', 'gif', 'png', 'webp', 'avif', 'jpeg', 'jxl', 'tiff', 'heic', 'svg+xml'].map(
    same('image'),
  ),
  ['image/jpg', 'image/jpeg'],
  ['image/x-icon', 'image/x-icon'],
  ['image/vnd.microsoft.icon', 'image/x-icon'],
  ...['mp4', 'webm', 'ogg', 'quicktime', '3gpp', 'x-matroska'].map(same('video')),
  ['video/m4v', 'video/mp4'],
  ['video/h264', 'video/mp4'],
  ...['mp4', 'mpeg', 'ogg', 'flac', 'wav', 'webm', 'aac', 'aiff'].map(same('audio')),
]);

/** Uses of an answer that could execute it or let it lay out our page. Refused outright. */
const EXECUTING_DESTINATIONS: ReadonlySet<string> = new Set([
  'audioworklet',
  'embed',
  'font',
  'json',
  'manifest',
  'object',
  'paintworklet',
  'script',
  'serviceworker',
  'sharedworker',
  'style',
  'worker',
  'xslt',
]);

/** Whether a request for a file comes from something that would execute what it gets. */
export function isExecutingDestination(destination: string): boolean {
  return EXECUTING_DESTINATIONS.has(destination);
}

/** The type a stored MIME type is sent as: one that can be shown, or plain bytes. */
export function safeContentType(mimeType: string): string {
  const essence = (mimeType.split(';')[0] ?? '').trim().toLowerCase();
  return SHOWN_TYPES.get(essence) ?? 'application/octet-stream';
}

/**
 * `Content-Disposition` for a hostile file name: an ASCII form without quotes, separators or
 * control characters, and the true name by RFC 5987, which can carry no header syntax.
 */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const wellFormed = name.toWellFormed().replaceAll(/[\p{Cc}/\\]/gu, '_');
  const visible = wellFormed.replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
  const ascii = visible.replaceAll(/[^ -~]|["%]/gu, '_');
  const encoded = encodeURIComponent(visible).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Headers that every answer with a person's bytes carries. */
export function fileHeaders(file: {
  readonly mimeType: string;
  readonly name: string;
  readonly disposition: 'inline' | 'attachment';
}): Headers {
  return new Headers({
    'Content-Type':
      file.disposition === 'inline' ? safeContentType(file.mimeType) : 'application/octet-stream',
    'Content-Disposition': contentDisposition(file.disposition, file.name),
    'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
}

function same(kind: string): (subtype: string) => [string, string] {
  return (subtype) => [`${kind}/${subtype}`, `${kind}/${subtype}`];
}
