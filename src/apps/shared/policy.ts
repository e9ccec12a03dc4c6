/**
 * The Trusted Types policy of every frame, made before anything else runs. The document's headers
 * allow this one policy alone, so all text that becomes markup or script passes here.
 *
 * It closes the ways to a document with fresh globals, in which WebRTC could send: frames made from
 * text (`srcdoc`, also by an entity), and `javascript:` addresses of the frame itself. It also keeps
 * markup from asking for a connection, which no content security policy stops (`hints.ts`).
 *
 * Later scripts of the same realm are hostile and may replace any built-in function. So the rules
 * use none: they index strings, compare and concatenate, and call nothing that can be looked up.
 */
import type { TextTools } from './text-tools.ts';

interface Rules {
  createHTML(text: string, type?: string, sink?: string): string | null;
  createScript(text: string, type?: string, sink?: string): string | null;
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: Rules): unknown;
}

/**
 * Makes the policy `default`. Where a browser has no Trusted Types nothing is made. The loader also
 * puts the text of this function into its workers: it refers to nothing outside itself.
 */
export function makeDefaultPolicy({ has, without, withPlainLetters }: TextTools): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  factory?.createPolicy('default', {
    createHTML(text, _type, sink = '') {
      if (has(sink, 'srcdoc') || has(text, '<!entity')) return null;
      // `srcd_c` is no attribute, and still a name in a script.
      const clean = withPlainLetters(without(text, 'srcdoc', 4));
      let quiet = without(without(clean, 'preconnect', 4), 'dns-prefetch', 3);
      // A frame connects to its host before its policy stops it; `hints.ts` says more.
      quiet = without(without(without(quiet, '<iframe', 4), '</iframe', 5), '<frame', 3);
      if (has(quiet, 'xmlns')) quiet = without(without(quiet, ':iframe', 4), ':frame', 3);
      // What is written piece by piece must not become one name: each piece ends with a blank.
      return has(sink, 'write') ? `${quiet} ` : quiet;
    },
    createScript: (text, _type, sink = '') => (has(sink, 'location') ? null : text),
    createScriptURL: (url) => url,
  });
}

/** Policies that libraries make for themselves: they give plain text, which the default one sees. */
export function allowNamedPolicies(): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (factory === undefined) return;
  const createPolicy = (name: string, rules: Partial<Rules> | undefined): object => {
    const applied =
      (rule: keyof Rules) =>
      (text: string, ...more: string[]) =>
        String(rules?.[rule]?.(text, ...more) ?? '');
    const [createHTML, createScript] = [applied('createHTML'), applied('createScript')];
    return { name, createHTML, createScript, createScriptURL: applied('createScriptURL') };
  };
  Object.defineProperty(factory, 'createPolicy', { value: createPolicy });
}

/** Takes away what could send around the headers, or compute markup past the policy. */
export function removeSenders(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'XSLTProcessor']) {
    Reflect.deleteProperty(globalThis, name);
  }
  // Markup that comes as a stream, where a browser has it, would pass the policy in pieces.
  for (const owner of ['Element', 'ShadowRoot', 'Document', 'DocumentFragment']) {
    const { prototype } = (Reflect.get(globalThis, owner) ?? {}) as { prototype?: object };
    for (const name of Object.getOwnPropertyNames(prototype ?? {})) {
      if (/^stream/i.test(name)) Reflect.deleteProperty(prototype!, name);
    }
  }
}
