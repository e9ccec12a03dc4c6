/**
 * Frames of viewers, as the page holds them: their address, their ports, and the files of their
 * programs. The port to the opened file is forwarded to the engine; its bytes never come here.
 */
import frameFiles from 'virtual:frame-files';
import { PyrgosError } from '#lib/bytes/index.ts';
import { fileCalls, framePath, pageCalls, parseReady, viewerCalls } from '#lib/frames/index.ts';
import type { ThemeName, ViewerKind } from '#lib/frames/index.ts';
import { connect, serve } from '#lib/rpc/index.ts';
import type { ViewerListener, ViewerSession } from './types.ts';
import { ticketId } from '#lib/tickets/index.ts';

/** A part of a viewer could not be loaded. */
export class ViewerNotLoaded extends PyrgosError {
  override readonly name = 'ViewerNotLoaded';
  override readonly kind = 'offline';
  constructor() {
    super('A part of this viewer could not be loaded. Check your connection and try again.');
  }
}

export interface ViewerSessionDeps {
  readonly siteUrl: string;
  /** Forwards the file's end of a channel to the engine. */
  readonly giveEngine: (port: MessagePort) => void;
}

/** Makes a viewer's frame ready to be shown; the iframe begins it. */
export function startViewer(
  deps: ViewerSessionDeps,
  viewer: ViewerKind,
  theme: ThemeName,
  listener: ViewerListener,
): ViewerSession {
  const nonce = ticketId((length) => crypto.getRandomValues(new Uint8Array(length)));
  const page = new MessageChannel();
  const caller = connect(page.port1, viewerCalls);
  const stop = serve(page.port1, pageCalls, {
    module: async (_context, name) => {
      const { imports, css } = moduleNamed(name);
      return { bytes: await assetOf(deps.siteUrl, name), imports, css };
    },
    asset: (_context, name) => assetOf(deps.siteUrl, name),
    state: async (_context, { dirty }) => listener.onDirty(dirty),
    key: async (_context, key) => listener.onKey(key),
    choices: async () => listener.choices?.() ?? {},
    choose: async (_context, choice, value) => listener.onChoice?.(choice, value),
    follow: async (_context, address) => listener.onFollow(address),
    fail: async (_context, why) => listener.onFail?.(why),
    place: async () => (await listener.place?.()) ?? 0,
    keepPlace: async (_context, at, of) => listener.onPlace?.(at, of),
  });
  let hasBegun = false;
  return {
    url: new URL(framePath('viewer', nonce), deps.siteUrl).href,
    setTheme: (name) => void caller.call('theme', [name]).catch(() => undefined),
    command: (name) => caller.call('command', [name]),
    focus: () => void caller.call('focus', []).catch(() => undefined),
    receive({ source, origin, data }, frame) {
      if (hasBegun || source === null || source !== frame || origin !== 'null') return;
      if (parseReady(data).nonce !== nonce) return;
      hasBegun = true;
      const file = new MessageChannel();
      deps.giveEngine(file.port1);
      page.port1.start();
      const entry = frameFiles.entries[viewer];
      frame?.postMessage(
        { type: 'viewer', entry, theme, file: file.port2, page: page.port2 },
        { targetOrigin: '*', transfer: [file.port2, page.port2] },
      );
    },
    close() {
      stop();
      caller.close(new DOMException('The viewer was closed.', 'AbortError'));
      page.port1.close();
    },
  };
}

/** What is to be printed, as the file of a viewer: its bytes come from here and not from the engine. */
export function startPrint(
  siteUrl: string,
  page: { readonly html: string; readonly css: string; readonly title: string },
): ViewerSession {
  const { html, css, title } = page;
  const bytes = new TextEncoder().encode(JSON.stringify({ html, css, title }));
  const { open, read } = fileCalls;
  const giveEngine = (port: MessagePort): void => {
    serve(
      port,
      { open, read },
      {
        open: async () => ({
          name: title,
          mimeType: 'application/json',
          sizeBytes: bytes.length,
          writable: false,
          copies: false,
        }),
        read: async (_context, start, end) => bytes.slice(start, end),
      },
    );
    port.start();
  };
  const listener = {
    onDirty: () => undefined,
    onKey: () => undefined,
    onFollow: () => undefined,
  };
  return startViewer({ siteUrl, giveEngine }, 'print', 'light', listener);
}

function moduleNamed(name: string) {
  const found = Object.hasOwn(frameFiles.modules, name) ? frameFiles.modules[name] : undefined;
  if (found === undefined) throw new ViewerNotLoaded();
  return found;
}

const ASSET_NAME = /^(?:[\w-]+\/)?[\w.-]+$/;

async function assetOf(siteUrl: string, name: string): Promise<Uint8Array> {
  if (!ASSET_NAME.test(name)) throw new ViewerNotLoaded();
  const answer = await fetch(new URL(`${frameFiles.folder}/${name}`, siteUrl)).catch(
    () => undefined,
  );
  if (answer?.ok !== true) throw new ViewerNotLoaded();
  return new Uint8Array(await answer.arrayBuffer());
}
