/**
 * The Trusted Types policy of every frame, made before anything else runs. The document's headers
 * allow this one policy alone, so all text that becomes markup or script passes here.
 *
 * It closes the ways to a document with fresh globals, in which WebRTC could send: frames made from
 * text (`srcdoc`, also by an entity), and `javascript:` addresses of the frame itself.
 */

interface Rules {
  createHTML(text: string, type?: string, sink?: string): string | null;
  createScript(text: string, type?: string, sink?: string): string | null;
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: Rules): unknown;
}

/** Makes the policy `default`. Where a browser has no Trusted Types nothing is made. */
export function makeDefaultPolicy(): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  factory?.createPolicy('default', {
    createHTML(text, _type, sink = '') {
      if (/srcdoc/i.test(sink) || /<!ENTITY/i.test(text)) return null;
      return text.replaceAll(/srcdoc/gi, 'data-no-srcdoc');
    },
    createScript: (text, _type, sink = '') => (/location/i.test(sink) ? null : text),
    createScriptURL: (url) => url,
  });
}

/** Takes away what could send around the headers, or compute markup past the policy. */
export function removeSenders(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'XSLTProcessor']) {
    Reflect.deleteProperty(globalThis, name);
  }
}
