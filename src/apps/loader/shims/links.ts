/**
 * Clicks on links, and forms that are sent. Nothing may leave the frame by itself: a navigation that
 * the browser begins ends the app with an error page.
 */
import type { Addresses } from '../address.ts';
import { jsonOfForm } from '../form-json.ts';
import type { Navigation } from '../navigation.ts';
import type { AppFetch } from './fetch.ts';

const SAVE_ROUTE = '/peergos-api/v0/save/';

interface LinkDeps {
  readonly navigation: Navigation;
  readonly addresses: Addresses;
  readonly fetch: AppFetch;
  readonly note: (text: string) => void;
}

type Link = HTMLAnchorElement | HTMLAreaElement;

export class Links {
  readonly #deps: LinkDeps;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  install(): void {
    const follow = (event: Event): void => this.#clicked(event);
    const withDetached = (element: unknown): void => {
      if (!(element instanceof HTMLAnchorElement) || element.isConnected) return;
      element.addEventListener('click', follow, { once: true });
    };
    const { click } = HTMLElement.prototype;
    HTMLElement.prototype.click = function () {
      withDetached(this);
      click.call(this);
    };
    const { dispatchEvent } = EventTarget.prototype;
    EventTarget.prototype.dispatchEvent = function (event) {
      if (event.type === 'click') withDetached(this);
      return dispatchEvent.call(this, event);
    };
    const send = (form: HTMLFormElement): void => this.#send(form, null);
    HTMLFormElement.prototype.submit = function () {
      send(this);
    };
  }

  /** To be called for each document that is opened. */
  listen(): void {
    addEventListener('click', (event) => this.#watch(event), true);
    addEventListener('click', (event) => this.#clicked(event));
    addEventListener('submit', (event) => {
      if (event.defaultPrevented || !(event.target instanceof HTMLFormElement)) return;
      event.preventDefault();
      this.#send(event.target, event.submitter);
    });
  }

  /** A handler that stops the event keeps it from us, and leaves it to the browser: not here. */
  #watch(event: MouseEvent): void {
    const link = linkOf(event);
    if (link === undefined || this.#isLeftToBrowser(link)) return;
    const { preventDefault } = event;
    let isPrevented = false;
    event.preventDefault = () => {
      isPrevented = true;
      preventDefault.call(event);
    };
    for (const name of ['stopPropagation', 'stopImmediatePropagation'] as const) {
      const native = event[name];
      event[name] = () => {
        native.call(event);
        isPrevented ||= event.defaultPrevented;
        preventDefault.call(event);
        queueMicrotask(() => isPrevented || this.#follow(link));
      };
    }
  }

  #clicked(event: Event): void {
    if (event.defaultPrevented) return;
    const link = linkOf(event);
    if (link === undefined || this.#isLeftToBrowser(link)) return;
    event.preventDefault();
    this.#follow(link);
  }

  #isLeftToBrowser(link: Link): boolean {
    return !link.hasAttribute('download') && this.#deps.navigation.isHere(addressIn(link));
  }

  #follow(link: Link): void {
    const address = addressIn(link);
    if (link.hasAttribute('download')) this.#save(link, address);
    else if (/^\s*javascript:/i.test(address)) runScript(address);
    else this.#deps.navigation.go(address);
  }

  /** A download is a file that the app gives the person: the drive takes it. */
  #save(link: Link, address: string): void {
    const { fetch, addresses, note } = this.#deps;
    const [, last = ''] = /([^/]*)\/?$/.exec(new URL(address, document.baseURI).pathname) ?? [];
    const name = link.download === '' ? decodeURIComponent(last) || 'download' : link.download;
    const save = async (): Promise<void> => {
      const response = await fetch(new Request(address));
      if (!response.ok) throw new Error(`it answered ${String(response.status)}`);
      const route = new URL(SAVE_ROUTE + encodeURIComponent(name), addresses.root);
      const body = await response.blob();
      const saved = await fetch(new Request(route, { method: 'POST', body }));
      if (!saved.ok) throw new Error(`saving answered ${String(saved.status)}`);
    };
    save().catch((error: unknown) => note(`“${name}” was not saved: ${String(error)}`));
  }

  #send(form: HTMLFormElement, submitter: HTMLElement | null): void {
    const button = submitter as HTMLButtonElement | null;
    const action =
      button?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href;
    const method = (button?.getAttribute('formmethod') ?? form.method).toLowerCase();
    if (method === 'dialog') return;
    const data = new FormData(form, submitter);
    if (method !== 'post') {
      const url = new URL(action, document.baseURI);
      const texts = [...data].filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
      );
      url.search = new URLSearchParams(texts).toString();
      this.#deps.navigation.go(url.href);
      return;
    }
    const json = jsonOfForm(data);
    const init: RequestInit =
      json === undefined
        ? { body: data }
        : { body: json, headers: { 'content-type': 'application/json' } };
    const url = new URL(action, document.baseURI);
    this.#deps
      .fetch(new Request(url, { method: 'POST', ...init }))
      .then(({ ok, status }) => {
        if (!ok) throw new Error(`it answered ${String(status)}`);
        form.dispatchEvent(new CustomEvent('pyrgos-sent', { bubbles: true }));
      })
      .catch((error: unknown) => this.#deps.note(`A form was not sent: ${String(error)}`));
  }
}

function linkOf(event: Event): Link | undefined {
  return event
    .composedPath()
    .find(
      (each): each is Link =>
        (each instanceof HTMLAnchorElement || each instanceof HTMLAreaElement) &&
        each.hasAttribute('href'),
    );
}

function addressIn(link: Link): string {
  return link.getAttribute('href')?.trim() ?? '';
}

/** What a `javascript:` link is there for, as a script of the page: its value makes no document. */
function runScript(address: string): void {
  const code = address.replace(/^\s*javascript:/i, '');
  const script = document.createElement('script');
  try {
    script.text = decodeURIComponent(code);
  } catch {
    script.text = code;
  }
  document.documentElement.append(script);
  script.remove();
}
