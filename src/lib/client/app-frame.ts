/**
 * An app in its frame, as the page holds it: the address, the ports, and what the app asks the user.
 * The port to the app's files is forwarded to the engine; their bytes never come here.
 */
import {
  appCalls,
  appPageCalls,
  framePath,
  parseReady,
  type FrameKind,
  type ThemeName,
} from '#lib/frames/index.ts';
import { connect, serve, type Caller } from '#lib/rpc/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { AppEvent, AppListener, AppSession, AppToRun } from './app-types.ts';
import type { EngineProtocol } from './engine-protocol.ts';

export interface AppFrameDeps {
  readonly siteUrl: string;
  readonly engine: Caller<EngineProtocol>;
  /** The origin for an app's label, where apps have origins of their own. */
  readonly originOf: (label: string) => Promise<string | undefined>;
}

/** How the screen around it begins. */
export interface AppScreen {
  readonly theme: ThemeName;
  readonly listener: AppListener;
}

type Started = Extract<AppEvent, { kind: 'started' }>;

/** Texts of an app on its console, at most; they are for developers. */
const NOTE_MAX_CHARACTERS = 4_000;
/** Notes of one document of an app; more are dropped. */
const NOTES_MAX = 1_000;
/** A document that ends itself begins anew, so often within {@link RESTART_WINDOW_MS} and no more. */
const RESTARTS_MAX = 20;
const RESTART_WINDOW_MS = 60_000;
/** A document that comes from another host and says nothing for so long is not there. */
const READY_WITHIN_MS = 10_000;

/** Runs an app; its frame can be shown when this resolves. */
export async function startApp(
  deps: AppFrameDeps,
  what: AppToRun,
  opened: string | undefined,
  screen: AppScreen,
): Promise<AppSession> {
  const frame = new AppFrame(deps, screen);
  await frame.run(what, opened);
  return frame.session();
}

class AppFrame {
  readonly #deps: AppFrameDeps;
  readonly #listener: AppListener;
  readonly #runId = randomId();
  readonly #ended = new AbortController();
  #theme: ThemeName;
  #started: Started | undefined;
  /** Of the document; undefined: an opaque one, by the service worker. */
  #origin: string | undefined;
  /** Of the page that is shown. */
  #address = { nonce: randomId(), path: '', query: '', hash: '' };
  #hasBegun = false;
  #restartsMs: readonly number[] = [];
  #caller: Caller<typeof appCalls> | undefined;
  #hangUp: (() => void) | undefined;

  constructor(deps: AppFrameDeps, { theme, listener }: AppScreen) {
    this.#deps = deps;
    this.#theme = theme;
    this.#listener = listener;
  }

  /** Resolves when the engine has begun it. */
  run(what: AppToRun, opened: string | undefined): Promise<void> {
    const { engine } = this.#deps;
    const { signal } = this.#ended;
    return new Promise((resolve, reject) => {
      engine
        .call('runApp', [what, opened, this.#runId], {
          signal,
          onProgress: (event) => {
            if (event.kind === 'started') {
              this.#begin(event).then(resolve, reject);
            } else void this.#hear(event);
          },
        })
        .catch((error: unknown) => {
          reject(error);
          if (this.#started !== undefined && !signal.aborted) this.#listener.onFailed(error);
        });
    });
  }

  session(): AppSession {
    const url = (): string => this.#url();
    const hasOwnOrigin = (): boolean => this.#origin !== undefined;
    return {
      get url() {
        return url();
      },
      get hasOwnOrigin() {
        return hasOwnOrigin();
      },
      receive: (event, frame) => this.#receive(event, frame),
      setTheme: (theme) => {
        this.#theme = theme;
        this.#caller?.call('theme', [theme]).catch(() => undefined);
      },
      reload: () => this.#go(this.#address),
      close: () => {
        this.#ended.abort();
        this.#hangUp?.();
      },
    };
  }

  async #begin(started: Started): Promise<void> {
    this.#started = started;
    const { path, query, label } = started;
    this.#address = { ...this.#address, path, query };
    this.#listener.onStarted(started.title);
    if (label === undefined) return;
    this.#origin = await this.#deps.originOf(label);
    if (this.#origin !== undefined) this.#watchOrigin();
  }

  /** The host of the origins may be away: the app runs as it does elsewhere then. */
  #watchOrigin(): void {
    const { nonce } = this.#address;
    const goElsewhere = (): void => {
      if (this.#ended.signal.aborted || this.#hasBegun || nonce !== this.#address.nonce) return;
      this.#origin = undefined;
      this.#go(this.#address);
    };
    setTimeout(goElsewhere, READY_WITHIN_MS);
  }

  #url(): string {
    const { nonce, path, query, hash } = this.#address;
    const kind: FrameKind = this.#started?.allowsEval === true ? 'app-eval' : 'app';
    const page = path.split('/').map(encodeURIComponent).join('/');
    return new URL(framePath(kind, nonce) + page + query + hash, this.#origin ?? this.#deps.siteUrl)
      .href;
  }

  /** Another page of the app, or the same one anew. */
  #go({ path, query, hash }: { path: string; query: string; hash: string }): void {
    this.#hangUp?.();
    this.#hasBegun = false;
    this.#address = { nonce: randomId(), path, query, hash };
    if (this.#origin !== undefined) this.#watchOrigin();
    this.#listener.onDirty(false);
    this.#listener.onAddress();
  }

  #receive({ source, origin, data }: MessageEvent, frame: Window | null): void {
    if (source === null || source !== frame || origin !== (this.#origin ?? 'null')) return;
    if (this.#hasBegun) return this.#again(data);
    if (parseReady(data).nonce !== this.#address.nonce) return;
    this.#hasBegun = true;
    void this.#connect(frame);
  }

  /** Gives a document its ports, with what is stored by now. */
  async #connect(frame: Window | null): Promise<void> {
    const { nonce } = this.#address;
    const storage = await this.#storage();
    if (nonce !== this.#address.nonce || this.#ended.signal.aborted) return;
    const files = new MessageChannel();
    const page = new MessageChannel();
    const { engine } = this.#deps;
    engine
      .call('connectApp', [this.#runId, files.port1], { transfer: [files.port1] })
      .catch((error: unknown) => this.#listener.onFailed(error));
    this.#serve(page.port1);
    const { path, query, hash } = this.#address;
    const locale = navigator.language;
    frame?.postMessage(
      {
        type: 'app',
        query,
        hash,
        path,
        theme: this.#theme,
        locale,
        ...(storage === undefined ? {} : { storage }),
        data: files.port2,
        page: page.port2,
      },
      { targetOrigin: this.#origin ?? '*', transfer: [files.port2, page.port2] },
    );
  }

  async #storage(): Promise<Uint8Array | undefined> {
    try {
      return await this.#deps.engine.call('appStorage', [this.#runId]);
    } catch (error) {
      this.#listener.onFailed(error);
      return undefined;
    }
  }

  /** The app loaded its document again: the old one's ports are over. All else it may say is ignored. */
  #again(data: unknown): void {
    if (!isReadyFor(data, this.#address.nonce)) return;
    const nowMs = performance.now();
    this.#restartsMs = this.#restartsMs.filter((ms) => nowMs - ms < RESTART_WINDOW_MS);
    if (this.#restartsMs.length >= RESTARTS_MAX) return;
    this.#restartsMs = [...this.#restartsMs, nowMs];
    this.#go(this.#address);
  }

  #serve(port: MessagePort): void {
    const { onDirty, onNote } = this.#listener;
    let notes = 0;
    const stop = serve(port, appPageCalls, {
      navigate: async (_context, { path, query, hash }) => this.#go({ path, query, hash }),
      state: async (_context, { dirty }) => onDirty(dirty),
      note: async (_context, { kind, text }) => {
        if (++notes <= NOTES_MAX) onNote({ kind, text: text.slice(0, NOTE_MAX_CHARACTERS) });
      },
    });
    const caller = connect(port, appCalls);
    port.start();
    this.#caller = caller;
    this.#hangUp = () => {
      stop();
      caller.close(new DOMException('The app was closed.', 'AbortError'));
      port.close();
      this.#caller = undefined;
    };
  }

  async #hear(event: Exclude<AppEvent, Started>): Promise<void> {
    if (event.kind === 'question') {
      const answer = await this.#listener
        .ask(event.question)
        .catch(() => ({ kind: 'none' }) as const);
      await this.#deps.engine.call('answerApp', [event.id, answer]).catch(() => undefined);
    } else if (event.kind === 'refused') {
      const { request, status, reason } = event;
      this.#listener.onNote({ kind: 'refused', text: `${status} ${request}: ${reason}` });
    } else {
      const isTaken = await this.#caller?.call('changed', [event.paths]).catch(() => false);
      if (isTaken !== true) this.#go(this.#address);
    }
  }
}

function isReadyFor(data: unknown, nonce: string): boolean {
  try {
    return parseReady(data).nonce === nonce;
  } catch {
    return false;
  }
}

function randomId(): string {
  return ticketId((length) => crypto.getRandomValues(new Uint8Array(length)));
}
