/**
 * Documents of frames: the answer to a navigation of an iframe, made here so that it works on every
 * host. A document depends on its kind alone; the service worker keeps nothing of it.
 *
 * Invariants: the origin is opaque; nothing can be loaded or sent except by the ports that the page
 * gives; no document is answered to anything but an iframe.
 */
import { frameDocument, frameHeaders, type FrameKind } from '#lib/frames/index.ts';
import { plain } from './answer.ts';

/** The scripts that documents begin with, built as one text each. */
export interface FrameScripts {
  readonly viewer: string;
  /** SHA-256 of {@link viewer} in base64, as a policy names a script. */
  readonly viewerHash: string;
  readonly loader: string;
}

/** The document of a frame; 403 for what is no navigation of an iframe. */
export function answerFrame(request: Request, kind: FrameKind, scripts: FrameScripts): Response {
  if (request.mode !== 'navigate' || request.destination !== 'iframe') {
    return plain(403, 'This is a document of a frame.');
  }
  if (request.method !== 'GET') return plain(405, 'Frames can only be opened.', { Allow: 'GET' });
  const script = kind === 'viewer' ? scripts.viewer : scripts.loader;
  const headers = frameHeaders(kind, { viewerHash: scripts.viewerHash });
  return new Response(frameDocument(script), { headers });
}
