/**
 * A page of the app, made ready to be written into the frame: parsed without running, every address
 * changed to one that loads, and one import map in front of all modules.
 */
import type { ThemeName } from '#lib/frames/index.ts';
import {
  isModuleScript,
  isOfItself,
  isStyleLink,
  LOADING_ELEMENTS,
  loadingAttributes,
  type AttributeRewriter,
} from './attributes.ts';
import type { Addresses } from './address.ts';
import { mayHoldAddresses } from './css.ts';
import type { Files } from './files.ts';
import type { Modules } from './modules.ts';
import { withHostNavigation } from './navigation.ts';
import type { Sheets } from './sheets.ts';

/** What the page asks the network for in advance, or would only be told about. */
const IN_ADVANCE =
  /(?:^|\s)(?:preload|modulepreload|prefetch|prerender|preconnect|dns-prefetch|manifest)(?:\s|$)/i;
const JAVASCRIPT_TYPE = /^(?:|(?:text|application)\/(?:x-)?(?:java|ecma)script)$/i;
/** Larger pictures and all films load after the page has begun. */
const AWAITED_PICTURE_BYTES = 512 * 1024;

export interface Rewriters {
  readonly files: Files;
  readonly modules: Modules;
  readonly sheets: Sheets;
  readonly addresses: Addresses;
  readonly attributes: AttributeRewriter;
}

export async function preparePage(
  { files, modules, sheets, addresses, attributes }: Rewriters,
  html: string,
  theme: ThemeName,
): Promise<string> {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const base = new URL(page.querySelector('base[href]')?.getAttribute('href') ?? '', location.href)
    .href;
  removeWhatAsks(page);
  const work: Promise<unknown>[] = [];
  const scripts = [...page.querySelectorAll('script')];
  if (await mapModules(scripts)) {
    const map = page.createElement('script');
    map.type = 'importmap';
    map.textContent = modules.importMap();
    page.head.prepend(map);
  }
  for (const script of scripts) if (!script.src) rewriteInline(script);
  rewriteBelow(page);
  await Promise.all(work);
  if (!page.documentElement.hasAttribute('data-theme')) {
    page.documentElement.setAttribute('data-theme', theme);
  }
  return doctypeOf(page) + page.documentElement.outerHTML;

  /** True if there is a module at all. */
  async function mapModules(all: readonly HTMLScriptElement[]): Promise<boolean> {
    const map = all.find(({ type }) => type === 'importmap');
    if (map !== undefined) modules.setImportMap(map.text, base);
    for (const each of all) if (each.type === 'importmap') each.remove();
    const roots = all.flatMap((script) => {
      const address = script.getAttribute('src');
      const place = address === null ? undefined : addresses.placeOf(address, base);
      return (place && files.ownPath(place)) ?? [];
    });
    const inline = all.map(({ text }) => text).join('\n');
    const texts = roots.map((path) => files.text(path) ?? '');
    const needsMap = all.some(isModuleScript) || /\bimport\s*\(/.test(texts.join('\n') + inline);
    if (needsMap) await modules.mapAll(roots.filter((_, i) => isModuleScript(all[i]!)));
    return needsMap;
  }

  function rewriteInline(script: HTMLScriptElement): void {
    if (isModuleScript(script)) {
      script.textContent = modules.rewrite(withHostNavigation(script.text), base);
    } else if (JAVASCRIPT_TYPE.test(script.type)) {
      script.textContent = modules.rewriteClassic(withHostNavigation(script.text), base);
    }
  }

  function rewriteBelow(root: ParentNode): void {
    for (const template of root.querySelectorAll('template')) rewriteBelow(template.content);
    for (const element of root.querySelectorAll(LOADING_ELEMENTS)) {
      for (const name of loadingAttributes(element)) {
        const value = element.getAttribute(name);
        if (value !== null && isAwaited(element, name, value)) {
          const change = attributes.rewrite(element, name, value, base);
          work.push(change.then((to) => to && element.setAttribute(name, to)));
        }
      }
    }
    for (const element of root.querySelectorAll('[style]')) {
      const text = element.getAttribute('style') ?? '';
      if (!mayHoldAddresses(text)) continue;
      work.push(sheets.rewrite(text, base).then((to) => element.setAttribute('style', to)));
    }
    for (const element of root.querySelectorAll('style')) {
      const text = element.textContent;
      if (!mayHoldAddresses(text)) continue;
      work.push(sheets.rewrite(text, base).then((to) => (element.textContent = to)));
    }
  }

  function isAwaited(element: Element, name: string, value: string): boolean {
    if (element.localName === 'script' || isStyleLink(element) || name === 'srcset') return true;
    if (isOfItself(value)) return false;
    const place = addresses.placeOf(value, base);
    const path = place && files.ownPath(place);
    const size = path === undefined ? undefined : files.sizeOf(path);
    return size === undefined || size <= AWAITED_PICTURE_BYTES;
  }
}

function removeWhatAsks(page: Document): void {
  for (const meta of page.querySelectorAll('meta[http-equiv]')) {
    if (/^(?:content-security-policy|refresh)/i.test(meta.getAttribute('http-equiv')!.trim())) {
      meta.remove();
    }
  }
  for (const link of page.querySelectorAll('link[rel]')) {
    if (IN_ADVANCE.test(link.getAttribute('rel')!) && !isStyleLink(link)) link.remove();
  }
  for (const element of page.querySelectorAll('[integrity],[crossorigin],[nonce]')) {
    for (const name of ['integrity', 'crossorigin', 'nonce']) element.removeAttribute(name);
  }
}

function doctypeOf({ doctype }: Document): string {
  if (doctype === null) return '';
  const { name, publicId, systemId } = doctype;
  const ids = [publicId && ` PUBLIC "${publicId}"`, systemId && ` "${systemId}"`].join('');
  return `<!DOCTYPE ${name}${publicId === '' && systemId !== '' ? ' SYSTEM' : ''}${ids}>`;
}
