/**
 * Elements that the app makes itself: their addresses are changed when they are set, and by an
 * observer where markup made them.
 */
import {
  isModuleScript,
  LOADING_ELEMENTS,
  loadingAttributes,
  type AttributeRewriter,
} from '../attributes.ts';
import { mayHoldAddresses } from '../css.ts';
import {
  nativeGetAttribute,
  nativeSetAttribute,
  nativeSetAttributeNS,
  NOT_FOUND,
  originals,
} from '../natives.ts';
import type { Sheets } from '../sheets.ts';

const XLINK = 'http://www.w3.org/1999/xlink';
/** Properties of the same names as their attributes. */
const PROPERTIES = [
  ['HTMLImageElement', 'src', 'srcset'],
  ['HTMLScriptElement', 'src'],
  ['HTMLLinkElement', 'href'],
  ['HTMLMediaElement', 'src'],
  ['HTMLVideoElement', 'poster'],
  ['HTMLSourceElement', 'src', 'srcset'],
  ['HTMLTrackElement', 'src'],
  ['HTMLInputElement', 'src'],
] as const;

interface ElementDeps {
  readonly attributes: AttributeRewriter;
  readonly sheets: Sheets;
}

export class Elements {
  readonly #deps: ElementDeps;
  /** What an attribute waits for: the value that was set last. */
  readonly #waiting = new WeakMap<Element, Map<string, string>>();
  /** Elements whose first failure is the browser's refusal of an address that is changed now. */
  readonly #refused = new WeakSet<EventTarget>();

  constructor(deps: ElementDeps) {
    this.#deps = deps;
  }

  install(): void {
    for (const [owner, ...names] of PROPERTIES) {
      const { prototype } = (globalThis as unknown as Record<string, { prototype: object }>)[
        owner
      ]!;
      for (const name of names) this.#replaceProperty(prototype, name);
    }
    this.#replaceAttributes();
    const { Audio } = globalThis;
    const NewAudio = function (address?: string): HTMLAudioElement {
      const audio = new Audio();
      audio.preload = 'auto';
      if (address !== undefined) audio.src = address;
      return audio;
    };
    NewAudio.prototype = Audio.prototype;
    Object.defineProperty(globalThis, 'Audio', { value: NewAudio, writable: true });
    this.#replaceRules();
  }

  /** To be called for each document that is opened; listeners are lost with the one before. */
  listen(): void {
    const quiet = (event: Event): void => {
      if (event.target === null || !this.#refused.delete(event.target)) return;
      event.stopImmediatePropagation();
    };
    addEventListener('error', quiet, true);
  }

  observe(): void {
    new MutationObserver((records) => {
      for (const { type, target, attributeName, addedNodes } of records) {
        if (type === 'attributes') this.#look(target as Element, attributeName ?? '');
        for (const node of addedNodes) if (node instanceof Element) this.#lookBelow(node);
        if (target instanceof HTMLStyleElement) this.#lookAtSheet(target);
      }
    }).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['src', 'srcset', 'poster', 'href', 'style'],
    });
  }

  #replaceProperty(prototype: object, name: string): void {
    const native = Object.getOwnPropertyDescriptor(prototype, name);
    if (native?.get === undefined) return;
    const { get } = native;
    const set = (element: Element, value: string): void => this.#set(element, name, value);
    Object.defineProperty(prototype, name, {
      ...native,
      get(this: Element) {
        const value = get.call(this) as string;
        return originals.get(value) ?? value;
      },
      set(this: Element, value: unknown) {
        set(this, String(value));
      },
    });
  }

  #replaceAttributes(): void {
    const isLoading = (element: Element, name: string): boolean =>
      loadingAttributes(element).includes(name);
    const set = (element: Element, name: string, value: string): void =>
      this.#set(element, name, value);
    Element.prototype.setAttribute = function (name, value) {
      const key = String(name).toLowerCase();
      if (isLoading(this, key)) set(this, key, String(value));
      else nativeSetAttribute.call(this, name, value);
    };
    Element.prototype.setAttributeNS = function (namespace: string | null, name, value) {
      const key = String(name).toLowerCase();
      const isPlain = namespace === null || namespace === XLINK;
      if (isPlain && isLoading(this, key)) set(this, key, String(value));
      else nativeSetAttributeNS.call(this, namespace, name, value);
    };
    Element.prototype.getAttribute = function (name) {
      const value = nativeGetAttribute.call(this, name);
      return (value?.startsWith('blob:') === true ? originals.get(value) : undefined) ?? value;
    };
  }

  /** Rules that are added to sheets one by one have to be ready at once. */
  #replaceRules(): void {
    const { sheets } = this.#deps;
    const { insertRule, replaceSync, replace } = CSSStyleSheet.prototype;
    const ready = (text: string): string =>
      mayHoldAddresses(text) ? sheets.rewriteNow(text, document.baseURI) : text;
    CSSStyleSheet.prototype.insertRule = function (rule, index) {
      return insertRule.call(this, ready(String(rule)), index);
    };
    CSSStyleSheet.prototype.replaceSync = function (text) {
      replaceSync.call(this, ready(String(text)));
    };
    CSSStyleSheet.prototype.replace = async function (text) {
      return replace.call(this, await sheets.rewrite(String(text), document.baseURI));
    };
  }

  #set(element: Element, name: string, value: string): void {
    const { isLater, url } = this.#deps.attributes.rewriteNow(element, name, value);
    const waiting = this.#waiting.get(element);
    waiting?.delete(name);
    if (!isLater) {
      this.#put(element, name, url ?? value);
      return;
    }
    this.#later(element, name, value);
  }

  #later(element: Element, name: string, value: string): void {
    const waiting = this.#waiting.get(element) ?? new Map<string, string>();
    this.#waiting.set(element, waiting);
    waiting.set(name, value);
    const isCurrent = (): boolean => waiting.get(name) === value;
    this.#deps.attributes.rewrite(element, name, value).then(
      (url) => {
        if (!isCurrent()) return;
        waiting.delete(name);
        this.#put(element, name, url ?? value);
      },
      () => isCurrent() && this.#put(element, name, NOT_FOUND),
    );
  }

  #put(element: Element, name: string, value: string): void {
    if (name === 'xlink:href') nativeSetAttributeNS.call(element, XLINK, name, value);
    else nativeSetAttribute.call(element, name, value);
  }

  #lookBelow(root: Element): void {
    for (const element of [root, ...root.querySelectorAll(`${LOADING_ELEMENTS},style,[style]`)]) {
      for (const name of loadingAttributes(element)) this.#look(element, name);
      if (element.hasAttribute('style')) this.#look(element, 'style');
      if (element instanceof HTMLStyleElement) this.#lookAtSheet(element);
    }
  }

  #look(element: Element, name: string): void {
    const value = nativeGetAttribute.call(element, name);
    if (value === null) return;
    if (name === 'style') {
      this.#lookAtStyle(element, value);
      return;
    }
    if (!loadingAttributes(element).includes(name)) return;
    if (this.#waiting.get(element)?.get(name) === value) return;
    const { isLater, url } = this.#deps.attributes.rewriteNow(element, name, value);
    if (!isLater && url === undefined) return;
    if (url !== NOT_FOUND) this.#refused.add(element);
    // A script that the browser refused does not run again.
    if (isRefusedScript(element)) this.#runAnew(element as HTMLScriptElement, name, value);
    else if (isLater) this.#later(element, name, value);
    else if (url !== undefined && url !== value) this.#put(element, name, url);
  }

  #runAnew(script: HTMLScriptElement, name: string, value: string): void {
    if (script.isConnected && script.getAttribute('data-again') === null) {
      const again = document.createElement('script');
      for (const attribute of script.attributes) {
        if (attribute.name !== name) again.setAttribute(attribute.name, attribute.value);
      }
      nativeSetAttribute.call(again, 'data-again', '');
      for (const kind of ['load', 'error']) {
        again.addEventListener(kind, () => script.dispatchEvent(new Event(kind)));
      }
      this.#set(again, name, value);
      script.replaceWith(again);
    }
  }

  #lookAtStyle(element: Element, text: string): void {
    if (!mayHoldAddresses(text)) return;
    void this.#deps.sheets.rewrite(text, document.baseURI).then((to) => {
      if (to !== text && nativeGetAttribute.call(element, 'style') === text) {
        nativeSetAttribute.call(element, 'style', to);
      }
    });
  }

  #lookAtSheet(style: HTMLStyleElement): void {
    const text = style.textContent;
    if (!mayHoldAddresses(text)) return;
    void this.#deps.sheets.rewrite(text, document.baseURI).then((to) => {
      if (to !== text && style.textContent === text) style.textContent = to;
    });
  }
}

/** A script that the parser or `innerHTML` made with an address of its own has been refused. */
function isRefusedScript(element: Element): boolean {
  return element.localName === 'script' && (isModuleScript(element) || element.hasAttribute('src'));
}
