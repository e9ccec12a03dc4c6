/**
 * HTML of a document to nodes that can stand in ours. What could run, send, submit or take the focus
 * is taken away; so are all addresses, which are kept as data. The frame's policy (no inline script,
 * no network) is the second bar.
 */
import DOMPurify from 'dompurify';

/** Attributes under which addresses are kept. */
export const LINK = 'data-link';
export const MEDIUM = 'data-medium';

const FORBIDDEN_TAGS = [
  ...['style', 'link', 'meta', 'base', 'template', 'slot', 'dialog', 'map', 'area', 'track'],
  ...['form', 'input', 'button', 'select', 'textarea', 'option', 'optgroup', 'datalist'],
  ...['fieldset', 'animate', 'set', 'foreignObject'],
];
const FORBIDDEN_ATTRIBUTES = [
  ...['srcset', 'sizes', 'ping', 'action', 'formaction', 'background', 'poster', 'usemap'],
  ...['autofocus', 'autoplay', 'contenteditable', 'draggable', 'tabindex', 'target', 'download'],
  ...['popover', 'is', 'slot', 'part', 'exportparts', 'accesskey', 'inert', 'nonce'],
];
const MEDIA = new Set(['IMG', 'VIDEO', 'AUDIO', 'SOURCE', 'image']);

interface Policies {
  readonly defaultPolicy?: unknown;
}

/** @param keepsBlobs whether `blob:` addresses of media stay: our own, of what made the HTML. */
export function purify(html: string, keepsBlobs = false): DocumentFragment {
  const purifier = DOMPurify(window);
  purifier.addHook('afterSanitizeAttributes', (element) => keepAddresses(element, keepsBlobs));
  // The frame allows one policy, which is there already.
  const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.defaultPolicy;
  return purifier.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true, svg: true, mathMl: true },
    FORBID_TAGS: FORBIDDEN_TAGS,
    FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    // It stands in a shadow root, whose names are its own.
    SANITIZE_DOM: false,
    ...(keepsBlobs ? { ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|blob:|data:image\/|#)/iu } : {}),
    ...(policy === undefined ? {} : { TRUSTED_TYPES_POLICY: policy as never }),
  });
}

function keepAddresses(element: Element, keepsBlobs: boolean): void {
  const isLink = element.localName === 'a';
  for (const name of ['href', 'xlink:href', 'src']) {
    const address = element.getAttribute(name);
    if (address === null) continue;
    const isOwn = keepsBlobs && name === 'src' && /^(?:blob|data):/u.test(address);
    if (isOwn || (element.localName === 'use' && address.startsWith('#'))) continue;
    element.removeAttribute(name);
    if (isLink) element.setAttribute(LINK, address);
    else if (MEDIA.has(element.nodeName)) element.setAttribute(MEDIUM, address);
  }
  // Without an address a link cannot be reached by keys; where it leads is decided by the viewer.
  if (element.hasAttribute(LINK)) element.setAttribute('href', '#');
}
