/**
 * The Trusted Types policy of every frame, made before anything else runs. The document's headers
 * allow this one policy alone, so all text that becomes markup or script passes here.
 *
 * It closes the ways to a document with fresh globals, in which WebRTC could send: frames made from
 * text (`srcdoc`, also by an entity), and `javascript:` addresses of the frame itself.
 *
 * Later scripts of the same realm are hostile and may replace any built-in function. So the rules
 * use none: they index strings, compare and concatenate, and call nothing that can be looked up.
 */

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
export function makeDefaultPolicy(): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (factory === undefined) return;

  /** Whether a word is at a position, in any case of ASCII; given in small and in large letters. */
  const isAt = (text: string, at: number, small: string, large: string): boolean => {
    for (let i = 0; i < small.length; i++) {
      const letter = text[at + i];
      if (letter !== small[i] && letter !== large[i]) return false;
    }
    return true;
  };
  const has = (text: string, small: string, large: string): boolean => {
    for (let at = 0; at < text.length; at++) if (isAt(text, at, small, large)) return true;
    return false;
  };
  /** Each `srcdoc` as `srcd_c`, which is no attribute, and still a name in a script. */
  const withoutSrcdoc = (text: string): string => {
    let clean = '';
    let last = 0;
    for (let at = 0; at < text.length; at++) {
      if (!isAt(text, at, 'srcdoc', 'SRCDOC')) continue;
      for (; last < at + 4; last++) clean += text[last]!;
      clean += '_';
      last = at + 5;
    }
    if (last === 0) return text;
    for (; last < text.length; last++) clean += text[last]!;
    return clean;
  };

  factory.createPolicy('default', {
    createHTML(text, _type, sink = '') {
      if (has(sink, 'srcdoc', 'SRCDOC') || has(text, '<!entity', '<!ENTITY')) return null;
      return withoutSrcdoc(text);
    },
    createScript: (text, _type, sink = '') => (has(sink, 'location', 'LOCATION') ? null : text),
    createScriptURL: (url) => url,
  });
}

/** Takes away what could send around the headers, or compute markup past the policy. */
export function removeSenders(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'XSLTProcessor']) {
    Reflect.deleteProperty(globalThis, name);
  }
}
