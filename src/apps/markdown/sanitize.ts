/**
 * HTML of a document to nodes that can stand in ours. What could run, send, submit, style or give
 * our own names another meaning is taken away; so are all addresses, which are kept as data for
 * `media.ts` and the page. The frame's policy (no inline script, no network) is the second bar.
 */
import DOMPurify from 'dompurify';

/** Names of attributes under which addresses are kept. */
export const LINK = 'data-link';
export const MEDIUM = 'data-medium';
/** Of code that is a formula: whether it stands in a line or by itself. */
export const FORMULA = 'data-formula';
/** Ids of the document begin with this, and so never are ours. */
export const ID_PREFIX = 'user-content-';

const FORBIDDEN_TAGS = [
  'style',
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'option',
  'optgroup',
  'datalist',
  'fieldset',
  'dialog',
  'map',
  'area',
  'slot',
  'template',
  'track',
];
const FORBIDDEN_ATTRIBUTES = [
  'style',
  'srcset',
  'sizes',
  'ping',
  'action',
  'formaction',
  'background',
  'poster',
  'usemap',
  'autofocus',
  'autoplay',
  'contenteditable',
  'draggable',
  'tabindex',
  'target',
  'download',
  'popover',
  'is',
  'role',
  'slot',
];
/** Classes that this program's own renderer writes; the look of anything else is ours to give. */
const CLASSES =
  /^(?:language-[\w+#.-]{1,40}|task|footnotes|footnotes-(?:sep|list)|footnote-(?:ref|item|backref|anchor))$/u;
const MEDIA = new Set(['IMG', 'VIDEO', 'AUDIO', 'SOURCE']);

interface Policies {
  readonly defaultPolicy?: unknown;
}

/** @param mark what `toHtml` was given: nothing else may say that it is a task */
export function sanitize(html: string, mark: string): DocumentFragment {
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (element) => keepAddresses(element, mark));
  // The frame allows one policy, which is there already.
  const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.defaultPolicy;
  return purify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN_TAGS,
    FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ADD_ATTR: ['data-task', FORMULA],
    ALLOW_ARIA_ATTR: false,
    SANITIZE_NAMED_PROPS: true,
    ...(policy === undefined ? {} : { TRUSTED_TYPES_POLICY: policy as never }),
  });
}

function keepAddresses(element: Element, mark: string): void {
  const classes = [...element.classList].filter((name) => CLASSES.test(name));
  if (classes.length > 0) element.setAttribute('class', classes.join(' '));
  else element.removeAttribute('class');
  for (const name of ['data-task', FORMULA]) {
    if (element.getAttribute(name)?.startsWith(`${mark}:`) !== true) element.removeAttribute(name);
  }
  move(element, 'href', element.nodeName === 'A' ? LINK : undefined);
  move(element, 'xlink:href', undefined);
  move(element, 'cite', undefined);
  move(element, 'src', MEDIA.has(element.nodeName) ? MEDIUM : undefined);
}

function move(element: Element, from: string, to: string | undefined): void {
  const address = element.getAttribute(from);
  if (address === null) return;
  element.removeAttribute(from);
  if (to !== undefined) element.setAttribute(to, address);
}
