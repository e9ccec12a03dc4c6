/**
 * How a frame begins. Its document is made by the service worker and has an opaque origin; it is the
 * same for every frame of its kind. The page puts a nonce into the address and gives the frame its
 * ports only when a message with that nonce comes from the frame's own window.
 */
import { byTag, bytes, object, oneOf, port, text, type Parser } from '#lib/rpc/index.ts';

/** Path segment, below the scope of the service worker, under which frames are answered. */
export const FRAME_PATH = '_frame/';

/** The viewers that are part of this program. */
export const VIEWER_KINDS = ['code', 'markdown', 'table', 'pdf', 'document', 'print'] as const;
export type ViewerKind = (typeof VIEWER_KINDS)[number];

/** Documents that the service worker makes: one for all our viewers, the others for apps. */
export const FRAME_KINDS = ['viewer', 'app', 'app-eval'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

export type ThemeName = 'light' | 'dark';
export const themeName: Parser<ThemeName> = oneOf('light', 'dark');

/** Frame → page, by `postMessage`: its script runs. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly nonce: string;
}
const readyMessage: Parser<ReadyMessage> = byTag('type', { ready: object({ nonce: text }) });

/** Page → frame, by `postMessage`: what it begins with, and its two ports. */
export interface ViewerStart {
  readonly type: 'viewer';
  /** The module to begin with, by its name in the build. */
  readonly entry: string;
  readonly theme: ThemeName;
  /** To the engine: the opened file. */
  readonly file: MessagePort;
  /** To the page: parts of the viewer, keys, unsaved work. */
  readonly page: MessagePort;
}
const viewerStart: Parser<ViewerStart> = byTag('type', {
  viewer: object({ entry: text, theme: themeName, file: port, page: port }),
});

/** Page → frame of an app. */
export interface AppStart {
  readonly type: 'app';
  /** Of the app's first address: `?path=…&theme=…`, or empty. */
  readonly query: string;
  readonly hash: string;
  readonly theme: ThemeName;
  /** Of the app's own texts, as `navigator.language`. */
  readonly locale: string;
  /** The page to show, below the app's first address, not encoded; `index.html` for an app. */
  readonly path: string;
  /** What `localStorage` held, as JSON; absent if the app may not store data. */
  readonly storage?: Uint8Array;
  /** To the engine: the app's files and data. */
  readonly data: MessagePort;
  /** To the page. */
  readonly page: MessagePort;
}
const appStart: Parser<AppStart> = byTag('type', {
  app: object(
    { query: text, hash: text, theme: themeName, locale: text, path: text, data: port, page: port },
    { storage: bytes },
  ),
});

/** Throws MalformedMessage. */
export function parseAppStart(data: unknown): AppStart {
  return appStart(data, 'first message to an app');
}

/** Throws MalformedMessage. */
export function parseReady(data: unknown): ReadyMessage {
  return readyMessage(data, 'first message of a frame');
}

/** Throws MalformedMessage. */
export function parseViewerStart(data: unknown): ViewerStart {
  return viewerStart(data, 'first message to a viewer');
}

const FRAME_ADDRESS = new RegExp(`^${FRAME_PATH}(${FRAME_KINDS.join('|')})/([A-Za-z0-9_-]{22})/`);

/** The address of a frame below the scope. The nonce has the form of a ticket's id. */
export function framePath(kind: FrameKind, nonce: string): string {
  return `${FRAME_PATH}${kind}/${nonce}/`;
}

/** What a path below the scope is the address of; undefined when it is no frame's. */
export function frameOfPath(
  pathBelowScope: string,
): { readonly kind: FrameKind; readonly nonce: string } | undefined {
  const [, kind, nonce] = FRAME_ADDRESS.exec(pathBelowScope) ?? [];
  return nonce === undefined ? undefined : { kind: kind as FrameKind, nonce };
}
