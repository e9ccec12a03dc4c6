/**
 * A page that shows apps as the site does, with the site's policy, and answers them from memory.
 * `globalThis.harness` is what the driver of the browser calls; arguments and results are JSON.
 */
import {
  appCalls,
  appDataCalls,
  appPageCalls,
  framePath,
  parseReady,
  type FrameKind,
  type ThemeName,
} from '#lib/frames/index.ts';
import { connect, serve, type Caller } from '#lib/rpc/index.ts';
import { MemoryBroker } from './memory-broker.ts';

export interface AppToOpen {
  /** Contents by path below `assets/`, in base64. */
  readonly assets: Readonly<Record<string, string>>;
  /** Files of the drive within reach, in base64, by path without a slash in front. */
  readonly drive?: Readonly<Record<string, string>>;
  readonly kind?: FrameKind;
  /** The origin that the document gets; absent: an opaque one. */
  readonly origin?: string | undefined;
  readonly path?: string;
  readonly query?: string;
  readonly theme?: ThemeName;
  /** What `localStorage` held; absent where nothing may be stored. */
  readonly storage?: string;
}

/** What was seen of the app that runs. */
export interface Seen {
  readonly notes: readonly string[];
  readonly navigations: readonly string[];
  readonly isDirty: boolean;
  readonly requests: readonly string[];
  readonly storage: string | undefined;
  /** Texts by path. */
  readonly data: Readonly<Record<string, string>>;
  readonly saved: Readonly<Record<string, string>>;
  readonly drive: Readonly<Record<string, string>>;
  /** Messages that came by `postMessage` and were no first message of the frame. */
  readonly strays: readonly unknown[];
  /** Messages that were refused, by the name of the error. */
  readonly refused: readonly string[];
  readonly readyCount: number;
}

export interface Harness {
  start(options: { readonly withoutAllowlist?: boolean }): Promise<void>;
  open(app: AppToOpen): Promise<void>;
  close(): void;
  seen(): Seen;
  theme(name: ThemeName): Promise<void>;
  /** Replaces files of the app, in base64, and tells it. */
  change(assets: Readonly<Record<string, string>>): Promise<boolean>;
  /** The address of the frame, and of the page. */
  addresses(): readonly [string, string];
}
declare global {
  var harness: Harness;
}

interface Running {
  readonly frame: HTMLIFrameElement;
  readonly broker: MemoryBroker;
  readonly notes: string[];
  readonly navigations: string[];
  readonly strays: unknown[];
  readonly refused: string[];
  app: Caller<typeof appCalls> | undefined;
  isDirty: boolean;
  readyCount: number;
  stop: () => void;
}
let running: Running | undefined;
const nonces = new Map<HTMLIFrameElement, string>();
const apps = new Map<HTMLIFrameElement, AppToOpen>();
const policy = (
  globalThis as unknown as {
    trustedTypes?: {
      createPolicy(name: string, rules: object): { createScriptURL(url: string): string };
    };
  }
).trustedTypes?.createPolicy('pyrgos', { createScriptURL: (url: string) => url });

addEventListener('message', (event) => {
  if (running === undefined) return;
  const { frame } = running;
  if (
    event.source !== frame.contentWindow ||
    event.origin !== (apps.get(frame)?.origin ?? 'null')
  ) {
    running.strays.push(brief(event.data));
    return;
  }
  try {
    if (parseReady(event.data).nonce === nonces.get(frame)) begin(running, apps.get(frame)!);
    else running.strays.push(brief(event.data));
  } catch {
    running.strays.push(brief(event.data));
  }
});

/** Of a stray message, what a test compares. */
function brief(data: unknown): unknown {
  if (typeof data === 'object' && data !== null && 'realm' in data) {
    return `a script ran in ${String(data.realm)}`;
  }
  return typeof data === 'string' ? data.slice(0, 100) : typeof data;
}

// A message that a parser refuses is an error in the listener, and no more than that.
addEventListener('error', ({ error }) => {
  running?.refused.push(error instanceof Error ? error.name : String(error));
});

/** A first message: the ports of the document before it are closed. */
function begin(it: Running, app: AppToOpen): void {
  it.readyCount += 1;
  it.stop();
  const [data, page] = [new MessageChannel(), new MessageChannel()];
  const stops = [
    serve(data.port1, appDataCalls, it.broker.handlers),
    serve(page.port1, appPageCalls, {
      navigate: async (_context, { path, query, hash }) => {
        it.navigations.push(path + query + hash);
      },
      state: async (_context, { dirty }) => {
        it.isDirty = dirty;
      },
      note: async (_context, { kind, text }) => {
        it.notes.push(`${kind}: ${text}`);
      },
    }),
  ];
  it.app = connect(page.port1, appCalls);
  it.stop = () => {
    for (const stop of stops) stop();
    it.app?.close(new Error('The app was closed.'));
    data.port1.close();
    page.port1.close();
  };
  data.port1.start();
  page.port1.start();
  const { query = '', theme = 'light', path = 'index.html', storage } = app;
  const held = storage === undefined ? {} : { storage: new TextEncoder().encode(storage) };
  const ports = { data: data.port2, page: page.port2 };
  it.frame.contentWindow?.postMessage(
    { type: 'app', query, hash: '', theme, locale: 'en', path, ...held, ...ports },
    { targetOrigin: app.origin ?? '*', transfer: [data.port2, page.port2] },
  );
}

globalThis.harness = {
  async start({ withoutAllowlist = false }) {
    const address = `/service-worker.js${withoutAllowlist ? '?without-allowlist' : ''}`;
    const url = policy?.createScriptURL(address) ?? address;
    await navigator.serviceWorker.register(url);
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller === null) {
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      );
    }
  },
  async open(app) {
    this.close();
    const broker = new MemoryBroker();
    fill(broker.assets, app.assets);
    fill(broker.drive, app.drive ?? {});
    const frame = document.createElement('iframe');
    frame.title = 'App';
    frame.referrerPolicy = 'no-referrer';
    frame.style.cssText = 'width: 800px; height: 600px';
    const nonce = newNonce();
    nonces.set(frame, nonce);
    apps.set(frame, app);
    const { kind = 'app', path = 'index.html', query = '', origin } = app;
    if (origin !== undefined) frame.setAttribute('credentialless', '');
    frame.src = `${origin ?? ''}/${framePath(kind, nonce)}${path}${query}`;
    running = {
      frame,
      broker,
      notes: [],
      navigations: [],
      strays: [],
      refused: [],
      app: undefined,
      isDirty: false,
      readyCount: 0,
      stop: () => undefined,
    };
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
  },
  close() {
    running?.stop();
    running?.frame.remove();
    running = undefined;
  },
  seen() {
    const it = shown();
    const { notes, navigations, isDirty, strays, refused, readyCount, broker } = it;
    const { requests, storage } = broker;
    const texts = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
      Object.fromEntries([...files].map(([path, it]) => [path, new TextDecoder().decode(it)]));
    return {
      ...{ notes, navigations, isDirty, strays, refused, readyCount, requests, storage },
      ...{ data: texts(broker.data), saved: texts(broker.saved), drive: texts(broker.drive) },
    };
  },
  async theme(name) {
    await shown().app?.call('theme', [name]);
  },
  async change(assets) {
    const { broker, app } = shown();
    fill(broker.assets, assets);
    return (await app?.call('changed', [Object.keys(assets)])) ?? false;
  },
  addresses: () => [shown().frame.src, location.href],
};

function shown(): Running {
  if (running === undefined) throw new Error('No app runs.');
  return running;
}

function fill(files: Map<string, Uint8Array>, given: Readonly<Record<string, string>>): void {
  for (const [path, base64] of Object.entries(given)) {
    files.set(
      path,
      Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
    );
  }
}

function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
