/**
 * Keeps scripts from asking for a connection: `preconnect` and `dns-prefetch` reach other hosts past
 * every content security policy, Chromium connects to the host of a nested frame before the policy
 * stops the frame, and a host's name can carry a message. So there are neither such hints nor frames
 * inside of frames. Browsers with an allowlist of connections need none of this. Markup is the
 * policy's (`policy.ts`).
 *
 * Hostile scripts may replace any built-in afterwards, so these functions call only what they kept.
 */
import { textTools } from './text-tools.ts';

const { apply, getOwnPropertyDescriptor, defineProperty } = Reflect;
const { has, without } = textTools();

function isHint(text: string): boolean {
  return has(text, 'preconnect') || has(text, 'dns-prefetch');
}

/** Before a script runs, and before anybody keeps one of these functions for itself. */
export function refuseHints(): void {
  guardSetter(HTMLLinkElement.prototype, 'rel');
  guardSetter(Attr.prototype, 'value');
  guardSetter(DOMTokenList.prototype, 'value');
  const ownerOf = getOwnPropertyDescriptor(Attr.prototype, 'ownerElement')?.get;
  const isAttribute = (node: unknown): boolean => {
    try {
      apply(ownerOf!, node, []);
      return true;
    } catch {
      return false;
    }
  };
  for (const name of ['nodeValue', 'textContent']) guardSetter(Node.prototype, name, isAttribute);
  for (const name of ['add', 'replace', 'toggle']) guardMethod(DOMTokenList.prototype, name);
  const isRel = (name: unknown): boolean => has(`${name as string}`, 'rel');
  guardMethod(Element.prototype, 'setAttribute', (args) => isRel(args[0]));
  guardMethod(Element.prototype, 'setAttributeNS', (args) => isRel(args[1]));
}

/** Elements of these names are of no kind; a frame in an app could show nothing anyway. */
export function refuseFrames(): void {
  replaceNames(Document.prototype, 'createElement', 0);
  replaceNames(Document.prototype, 'createElementNS', 1);
  replaceNames(DOMImplementation.prototype, 'createDocument', 1);
  const define = CustomElementRegistry.prototype.define;
  const guarded = {
    define(
      this: CustomElementRegistry,
      name: string,
      kind: CustomElementConstructor,
      options?: ElementDefinitionOptions,
    ): void {
      const base = options?.extends;
      const given = base === undefined ? {} : { extends: harmless(`${base}`) };
      apply(define, this, [name, kind, given]);
    },
  };
  CustomElementRegistry.prototype.define = guarded.define;
}

/** A name of no element in the place of a frame's; also behind a prefix. */
function harmless(name: string): string {
  return without(without(name, 'iframe', 3), 'frame', 2);
}

/** Texts are made of the arguments once: what is looked at is what is used. */
function replaceNames(owner: object, method: string, at: number): void {
  const native = getOwnPropertyDescriptor(owner, method);
  const create = native?.value as ((...args: unknown[]) => unknown) | undefined;
  if (native === undefined || create === undefined) return;
  defineProperty(owner, method, {
    ...native,
    value: function (this: unknown, ...args: unknown[]): unknown {
      const name = args[at];
      if (name !== undefined && name !== null) args[at] = harmless(`${name as string}`);
      return apply(create, this, args);
    },
  });
}

/** Texts are made of the arguments once: what is looked at is what is set. */
function guardSetter(owner: object, name: string, applies?: (self: unknown) => boolean): void {
  const native = getOwnPropertyDescriptor(owner, name);
  const set = native?.set;
  if (native === undefined || set === undefined) return;
  defineProperty(owner, name, {
    ...native,
    set(this: unknown, value: unknown) {
      const text = value === null ? value : `${value as string}`;
      if (text !== null && isHint(text) && (applies === undefined || applies(this))) return;
      apply(set, this, [text]);
    },
  });
}

function guardMethod(
  owner: object,
  name: string,
  applies: (args: readonly unknown[]) => boolean = () => true,
): void {
  const native = getOwnPropertyDescriptor(owner, name);
  const method = native?.value as ((...args: unknown[]) => unknown) | undefined;
  if (native === undefined || method === undefined) return;
  defineProperty(owner, name, {
    ...native,
    value: function (this: unknown, ...args: unknown[]): unknown {
      let isRefused = false;
      for (let i = 0; i < args.length; i++) {
        const value = args[i];
        if (typeof value === 'boolean' || value === null) continue;
        args[i] = `${value as string}`;
        if (isHint(args[i] as string)) isRefused = true;
      }
      if (isRefused && applies(args)) return undefined;
      return apply(method, this, args);
    },
  });
}
