/** `XMLHttpRequest` over `fetch`. Its text also runs in workers, so it refers to nothing outside. */

export interface XhrDeps {
  readonly fetch: (request: Request, form?: FormData) => Promise<Response>;
  /** What is there without waiting, for synchronous requests; undefined: not known. */
  readonly readNow: (url: string) => { readonly status: number; readonly text: string } | undefined;
}

export function makeXhr({ fetch, readNow }: XhrDeps): typeof XMLHttpRequest {
  const EVENTS = ['loadstart', 'progress', 'load', 'loadend', 'error', 'abort', 'timeout'];

  /** An event target with the `on…` properties of requests. */
  class Target extends EventTarget {
    constructor(names: readonly string[]) {
      super();
      const handlers = new Map<string, unknown>();
      for (const name of names) {
        Object.defineProperty(this, `on${name}`, {
          get: () => handlers.get(name) ?? null,
          set: (handler: unknown) => handlers.set(name, handler),
        });
        this.addEventListener(name, (event) => {
          const handler = handlers.get(name);
          if (typeof handler === 'function') Reflect.apply(handler, this, [event]);
        });
      }
    }
    say(name: string, loaded = 0, total = 0): void {
      const event =
        name === 'readystatechange'
          ? new Event(name)
          : new ProgressEvent(name, { lengthComputable: total > 0, loaded, total });
      this.dispatchEvent(event);
    }
  }

  class AppXhr extends Target {
    readonly upload = new Target(EVENTS);
    responseType = '';
    timeout = 0;
    withCredentials = false;
    readyState = 0;
    status = 0;
    statusText = '';
    responseURL = '';
    #method = 'GET';
    #url = '';
    #isAsync = true;
    #mimeType: string | undefined;
    #headers = new Headers();
    #received = new Headers();
    #body: Blob | undefined;
    #response: unknown = null;
    #text = '';
    #abort: AbortController | undefined;

    constructor() {
      super([...EVENTS, 'readystatechange']);
    }

    open(method: string, url: string | URL, isAsync = true): void {
      this.#abort?.abort();
      this.#abort = undefined;
      this.#method = String(method).toUpperCase();
      const base = (globalThis as { document?: Document }).document?.baseURI ?? location.href;
      try {
        this.#url = new URL(url, base).href;
      } catch {
        throw new DOMException('Invalid URL', 'SyntaxError');
      }
      this.#isAsync = isAsync;
      this.#headers = new Headers();
      this.#reset();
      this.#become(1);
    }

    setRequestHeader(name: string, value: string): void {
      if (this.readyState !== 1) throw new DOMException('Not opened', 'InvalidStateError');
      this.#headers.append(name, value);
    }

    overrideMimeType(type: string): void {
      this.#mimeType = type;
    }

    getResponseHeader(name: string): string | null {
      return this.#received.get(name);
    }

    getAllResponseHeaders(): string {
      return [...this.#received].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    }

    send(body: unknown = null): void {
      if (this.readyState !== 1) throw new DOMException('Not opened', 'InvalidStateError');
      if (!this.#isAsync) this.#sendNow();
      else void this.#send(body);
    }

    abort(): void {
      const abort = this.#abort;
      this.#abort = undefined;
      abort?.abort();
      if (abort !== undefined && this.readyState > 0 && this.readyState < 4) {
        this.#end('abort');
      }
      this.#reset();
      this.readyState = 0;
    }

    get response(): unknown {
      return this.responseType === '' || this.responseType === 'text' ? this.#text : this.#response;
    }

    get responseText(): string {
      if (this.responseType !== '' && this.responseType !== 'text') {
        throw new DOMException('The response is no text.', 'InvalidStateError');
      }
      return this.#text;
    }

    get responseXML(): unknown {
      if (this.responseType === 'document') return this.#response;
      const type = this.#received.get('content-type') ?? '';
      return this.readyState === 4 && /xml/.test(this.#mimeType ?? type) ? this.#parse() : null;
    }

    #reset(): void {
      this.status = 0;
      this.statusText = '';
      this.responseURL = '';
      this.#received = new Headers();
      this.#response = null;
      this.#text = '';
    }

    #become(state: number): void {
      this.readyState = state;
      this.say('readystatechange');
    }

    #sendNow(): void {
      const known = this.#method === 'GET' ? readNow(this.#url) : undefined;
      if (known === undefined) {
        throw new DOMException('Only small texts of the app can be read at once.', 'NetworkError');
      }
      this.status = known.status;
      this.statusText = known.status === 200 ? 'OK' : 'Not Found';
      this.responseURL = this.#url;
      this.#text = known.text;
      this.#become(4);
      this.say('load', known.text.length, known.text.length);
      this.say('loadend', known.text.length, known.text.length);
    }

    async #send(body: unknown): Promise<void> {
      const abort = new AbortController();
      this.#abort = abort;
      const timer =
        this.timeout > 0 ? setTimeout(() => this.#fail(abort, 'timeout'), this.timeout) : undefined;
      try {
        this.say('loadstart');
        const hasBody = body !== null && this.#method !== 'GET' && this.#method !== 'HEAD';
        const content = isDocument(body) ? new XMLSerializer().serializeToString(body) : body;
        const request = new Request(this.#url, {
          method: this.#method,
          headers: this.#headers,
          signal: abort.signal,
          ...(hasBody ? { body: content as BodyInit } : {}),
        });
        const response = await fetch(request, body instanceof FormData ? body : undefined);
        if (this.#abort !== abort) return;
        if (hasBody) for (const name of ['progress', 'load', 'loadend']) this.upload.say(name);
        this.status = response.status;
        this.statusText = response.statusText;
        this.responseURL = this.#url.split('#')[0]!;
        this.#received = response.headers;
        this.#become(2);
        this.#body = await response.blob();
        if (this.#abort !== abort) return;
        await this.#convert(this.#body);
        const { size } = this.#body;
        this.#become(3);
        this.say('progress', size, size);
        this.#become(4);
        this.say('load', size, size);
        this.say('loadend', size, size);
      } catch {
        this.#fail(abort, 'error');
      } finally {
        clearTimeout(timer);
      }
    }

    #fail(abort: AbortController, event: string): void {
      if (this.#abort !== abort) return;
      this.#abort = undefined;
      abort.abort();
      this.#reset();
      this.#end(event);
    }

    #end(event: string): void {
      this.#become(4);
      this.say(event);
      this.say('loadend');
    }

    async #convert(body: Blob): Promise<void> {
      const type = this.#mimeType ?? this.#received.get('content-type') ?? '';
      if (this.responseType === 'blob') {
        this.#response = body.slice(0, body.size, type);
      } else if (this.responseType === 'arraybuffer') {
        this.#response = await body.arrayBuffer();
      } else {
        const charset = /charset=["']?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
        this.#text = new TextDecoder(charset).decode(await body.arrayBuffer());
        if (this.responseType === 'json') this.#response = this.#json();
        if (this.responseType === 'document') this.#response = this.#parse();
      }
    }

    #json(): unknown {
      try {
        return JSON.parse(this.#text);
      } catch {
        return null;
      }
    }

    #parse(): unknown {
      const type = this.#mimeType ?? this.#received.get('content-type') ?? '';
      const kind = /html/.test(type) ? 'text/html' : 'text/xml';
      return new DOMParser().parseFromString(this.#text, kind);
    }
  }

  const isDocument = (body: unknown): body is Document =>
    typeof Document !== 'undefined' && body instanceof Document;
  const STATES = { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 };
  for (const target of [AppXhr, AppXhr.prototype]) {
    for (const [name, value] of Object.entries(STATES)) {
      Object.defineProperty(target, name, { value, enumerable: true });
    }
  }
  Object.defineProperty(AppXhr, 'name', { value: 'XMLHttpRequest' });
  return AppXhr as unknown as typeof XMLHttpRequest;
}
