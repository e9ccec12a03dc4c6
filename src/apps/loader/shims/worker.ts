/** `Worker` of an app: a `blob:` worker that begins with {@link workerRealm}. */
import { encodedPath, type Addresses } from '../address.ts';
import type { Files } from '../files.ts';
import { IMPORT_CALL, META_CALL } from '../module-text.ts';
import type { Modules } from '../modules.ts';
import { addressOf, blobs, forget, NativeWorker, NOT_FOUND } from '../natives.ts';
import { makeDefaultPolicy, removeSenders } from '../../shared/policy.ts';
import { textTools } from '../../shared/text-tools.ts';
import type { AppFetch } from './fetch.ts';
import { workerRealm, type WorkerQuestion, type WorkerStart } from './worker-realm.ts';
import { makeXhr } from './xhr.ts';

const SCRIPT_NAME = /\.m?js$/i;

interface WorkerDeps {
  readonly files: Files;
  readonly modules: Modules;
  readonly addresses: Addresses;
  readonly fetch: AppFetch;
  readonly locale: string;
}

export function installWorker(deps: WorkerDeps): void {
  if (NativeWorker === undefined) return;
  let boot: string | undefined;

  class AppWorker extends NativeWorker {
    #waiting: (readonly unknown[])[] | undefined = [];

    constructor(script: string | URL, options: WorkerOptions = {}) {
      const url = new URL(script, document.baseURI).href; // throws as the browser's own does
      boot ??= addressOf(new Blob([bootText()], { type: 'text/javascript' }), document.baseURI);
      // Classic also for modules: in every browser a classic worker can import them.
      super(boot, { ...options, type: 'classic' });
      const { port1, port2 } = new MessageChannel();
      const copy = scriptCopy(url);
      port1.onmessage = ({ data }: MessageEvent<WorkerQuestion>) => {
        if (data.isStarted !== true) void answer(data, port1);
        else if (copy !== undefined) forget(copy);
      };
      startOf(deps, url, options.type === 'module', copy).then(
        (start) => this.#begin(start, port2),
        () => this.dispatchEvent(new Event('error')),
      );
    }

    /** Messages of the app wait until the worker was told what it is. */
    override postMessage(...message: readonly unknown[]): void {
      if (this.#waiting === undefined) Reflect.apply(super.postMessage, this, message);
      else this.#waiting.push(message);
    }

    #begin(start: WorkerStart, port: MessagePort): void {
      super.postMessage(start, [port]);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const message of waiting) Reflect.apply(super.postMessage, this, message);
    }
  }
  Object.defineProperty(AppWorker, 'name', { value: 'Worker' });
  Object.defineProperty(globalThis, 'Worker', {
    value: AppWorker,
    writable: true,
    configurable: true,
  });

  const modulesOfWorkers = new Map<string, Promise<string>>();

  async function answer(question: WorkerQuestion, port: MessagePort): Promise<void> {
    const { id, fetch, module, blob } = question;
    try {
      if (blob !== undefined) blobs.set(blob.url, blob.content);
      else if (module !== undefined) {
        const { base, name } = module;
        const url = await deps.modules.importForWorker(base, name, modulesOfWorkers);
        port.postMessage({ id, module: url });
      } else if (fetch !== undefined) {
        const { url, ...init } = fetch;
        const response = await deps.fetch(new Request(url, init as RequestInit));
        const { status, statusText, headers } = response;
        const body = await response.blob();
        port.postMessage({ id, response: { status, statusText, headers: [...headers], body } });
      }
    } catch (error) {
      port.postMessage({ id, error: error instanceof Error ? error.message : 'Failed to fetch' });
    }
  }

  async function startOf(
    { files, addresses, locale }: WorkerDeps,
    url: string,
    isModule: boolean,
    copy: string | undefined,
  ): Promise<WorkerStart> {
    const script = copy ?? (await scriptUrl(url, isModule));
    if (script === NOT_FOUND) throw new TypeError(`Not found: ${url}`);
    const scripts = new Map<string, string>();
    if (!isModule) {
      for (const { path } of files.listed().filter((file) => SCRIPT_NAME.test(file.path))) {
        const address = addresses.urlOf(encodedPath(path));
        const place = addresses.placeOf(address);
        if (place !== undefined) scripts.set(address, await files.urlOf(place));
      }
    }
    return { url, script, isModule, scripts, locale };
  }

  async function scriptUrl(url: string, isModule: boolean): Promise<string> {
    if (url.startsWith('blob:')) return url;
    // The policy runs no script from a `data:` address.
    if (url.startsWith('data:')) {
      return scriptAddress(await (await deps.fetch(new Request(url))).blob(), url);
    }
    const place = deps.addresses.placeOf(url);
    if (place === undefined) return NOT_FOUND;
    const own = deps.files.ownPath(place);
    if (!isModule || own === undefined) return deps.files.urlOf(place);
    return deps.modules.urlForWorker(own, modulesOfWorkers);
  }
}

/**
 * A `blob:` address of the app as a script: a worker may be made of a Blob of any type and lose its
 * address at once, but what it imports may not.
 */
function scriptCopy(url: string): string | undefined {
  const blob = blobs.get(url);
  return blob && scriptAddress(blob, url);
}

function scriptAddress(blob: Blob, original: string): string {
  return addressOf(blob.slice(0, blob.size, 'text/javascript'), original);
}

/** The first script of a worker: texts of functions, put together. */
function bootText(): string {
  const [importCall, metaCall] = [IMPORT_CALL, META_CALL].map((name) => JSON.stringify(name));
  return `(${workerRealm})({textTools:${textTools},makeDefaultPolicy:${makeDefaultPolicy},removeSenders:${removeSenders},makeXhr:${makeXhr},importCall:${importCall!},metaCall:${metaCall!}})`;
}
