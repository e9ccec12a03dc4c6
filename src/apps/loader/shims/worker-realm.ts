/**
 * What runs first in a worker of an app, before the app's own script: the policy, and the functions
 * by which a script finds its files. The text of this function is the worker's first script, so it
 * refers to nothing outside itself but what it is given.
 */
import type { TextTools } from '../../shared/text-tools.ts';
import type { XhrDeps } from './xhr.ts';

/** First message to a worker. */
export interface WorkerStart {
  /** The address that the script would have. */
  readonly url: string;
  /** The address it runs from. */
  readonly script: string;
  readonly isModule: boolean;
  /** Texts that `importScripts` finds: `blob:` addresses by absolute address. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly locale: string;
}

/** Worker → document, each with an id; answered by {@link WorkerAnswer}. */
export interface WorkerQuestion {
  readonly id: number;
  readonly fetch?: {
    readonly url: string;
    readonly method: string;
    readonly headers: readonly [string, string][];
    readonly body?: ArrayBuffer;
  };
  /** A module to import: by which name, in the script at which address. */
  readonly module?: { readonly base: string; readonly name: string };
  /** An address that the worker made. */
  readonly blob?: { readonly url: string; readonly content: Blob };
  /** Its script has run. */
  readonly isStarted?: true;
}
export interface WorkerAnswer {
  readonly id: number;
  readonly error?: string;
  readonly module?: string;
  readonly response?: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: readonly [string, string][];
    readonly body: Blob;
  };
}

export interface WorkerTools {
  readonly textTools: () => TextTools;
  readonly makeDefaultPolicy: (tools: TextTools) => void;
  readonly removeSenders: () => void;
  readonly makeXhr: (deps: XhrDeps) => unknown;
  readonly importCall: string;
  readonly metaCall: string;
}

interface WorkerGlobals {
  onmessage: unknown;
  importScripts(...urls: string[]): void;
  dispatchEvent(event: Event): boolean;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

export function workerRealm(tools: WorkerTools): void {
  tools.makeDefaultPolicy(tools.textTools());
  tools.removeSenders();
  const realm = globalThis as unknown as WorkerGlobals;
  const early: MessageEvent[] = [];
  let isStarted = false;
  let lastId = 0;
  const open = new Map<number, (answer: WorkerAnswer) => void>();
  let port: MessagePort;

  const define = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  };
  const ask = (question: Omit<WorkerQuestion, 'id'>): Promise<WorkerAnswer> => {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      open.set(id, (answer) => {
        open.delete(id);
        if (answer.error === undefined) resolve(answer);
        else reject(new TypeError(answer.error));
      });
      port.postMessage({ ...question, id });
    });
  };

  const receive = (event: MessageEvent): void => {
    if (isStarted) return;
    event.stopImmediatePropagation();
    const [given] = event.ports;
    if (port === undefined && given !== undefined) {
      port = given;
      port.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => open.get(data.id)?.(data);
      void begin(event.data as WorkerStart);
    } else {
      early.push(event);
    }
  };
  realm.addEventListener('message', receive);

  async function begin(start: WorkerStart): Promise<void> {
    const fetchInDocument = async (request: Request): Promise<Response> => {
      const { url, method } = request;
      const body = /^(?:GET|HEAD)$/.test(method) ? undefined : await request.arrayBuffer();
      const headers = [...request.headers];
      request.signal.throwIfAborted();
      const asked = { url, method, headers, ...(body === undefined ? {} : { body }) };
      const { response } = await ask({ fetch: asked });
      request.signal.throwIfAborted();
      const { status, body: content, ...rest } = response!;
      const isEmpty = [101, 204, 205, 304].includes(status);
      const made = new Response(isEmpty ? null : content, { status, ...rest } as ResponseInit);
      Object.defineProperty(made, 'url', { value: url });
      return made;
    };
    const absolute = (address: unknown): string => new URL(String(address), start.url).href;
    const requestOf = (input: unknown, init?: RequestInit): Request =>
      input instanceof Request ? new Request(input, init) : new Request(absolute(input), init);
    define('fetch', async (input: unknown, init?: RequestInit) =>
      fetchInDocument(requestOf(input, init)),
    );
    const XhrOfWorker = tools.makeXhr({
      fetch: fetchInDocument,
      readNow: () => undefined,
    });
    define('XMLHttpRequest', XhrOfWorker);
    const { createObjectURL } = URL;
    URL.createObjectURL = (content: Blob): string => {
      const url = createObjectURL.call(URL, content);
      port.postMessage({ id: 0, blob: { url, content } } satisfies WorkerQuestion);
      return url;
    };
    const {
      href,
      origin,
      protocol,
      host,
      hostname,
      port: hostPort,
      pathname,
      search,
      hash,
    } = new URL(start.url);
    define('location', {
      href,
      origin,
      protocol,
      host,
      hostname,
      port: hostPort,
      pathname,
      search,
      hash,
      toString: () => href,
    });
    const nativeImport = realm.importScripts;
    if (typeof nativeImport === 'function') {
      define('importScripts', (...urls: unknown[]) => {
        for (const url of urls) {
          const wanted = absolute(url);
          const found = start.scripts.get(wanted.split(/[?#]/)[0]!);
          if (found === undefined && !/^(?:blob|data):/.test(wanted)) {
            throw new DOMException(`Not found: ${wanted}`, 'NetworkError');
          }
          nativeImport.call(globalThis, found ?? wanted);
        }
      });
    }
    define(tools.importCall, async (base: string, name: unknown) => {
      const { module } = await ask({ module: { base, name: String(name) } });
      return import(/* @vite-ignore */ module!);
    });
    define(tools.metaCall, (url: string) => ({
      url,
      resolve: (name: string) => new URL(name, url).href,
    }));
    try {
      if (start.isModule) await import(/* @vite-ignore */ start.script);
      else nativeImport.call(globalThis, start.script);
    } catch (error) {
      // Caught by nobody, it is an `error` of the worker, as if the script were its first one.
      setTimeout(() => {
        throw error;
      });
    }
    port.postMessage({ id: 0, isStarted: true } satisfies WorkerQuestion);
    isStarted = true;
    realm.removeEventListener('message', receive);
    for (const { data, ports, origin: from } of early) {
      const message = { data: data as unknown, origin: from, ports: [...ports] };
      realm.dispatchEvent(new MessageEvent('message', message));
    }
  }
}
