import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeDefaultPolicy } from './policy.ts';
import { textTools } from './text-tools.ts';

interface Rules {
  createHTML(text: string, type: string, sink: string): string | null;
  createScript(text: string, type: string, sink: string): string | null;
}

function rulesOfPolicy(): Rules {
  const createPolicy = vi.fn();
  vi.stubGlobal('trustedTypes', { createPolicy });
  makeDefaultPolicy(textTools());
  expect(createPolicy).toHaveBeenCalledOnce();
  return (createPolicy.mock.calls[0] as [string, Rules])[1];
}
const html = (text: string, sink = 'Element innerHTML'): string | null =>
  rulesOfPolicy().createHTML(text, 'TrustedHTML', sink);

afterEach(() => vi.unstubAllGlobals());

describe('the policy of frames', () => {
  it('leaves ordinary markup as it is', () => {
    const text = '<p title="a &amp; b">Über <b>100&#37;</b> &#x3c;</p>';
    expect(html(text)).toBe(text);
  });

  it.each([
    ['<iframe srcdoc="x"></iframe>', '<ifr_me srcd_c="x"></ifr_me>'],
    ['<b SrcDoc="x" srcdocsrcdoc>', '<b SrcD_c="x" srcd_csrcd_c>'],
    ['<FrameSet><frame>', '<Fr_meSet><fr_me>'],
    ['<x:iframe xmlns:x="y"/>', '<x:ifr_me xmlns:x="y"/>'],
    ['requestAnimationFrame({a:frame})', 'requestAnimationFrame({a:frame})'],
    ['srcsrcdocdoc', 'srcsrcd_cdoc'],
    ['<link rel="preconnect dns-prefetch">', '<link rel="prec_nnect dns_prefetch">'],
    ['<link rel="pre&#99;onn&#x0065;ct">', '<link rel="prec_nnect">'],
    ['<link rel="dns&#45;prefetch">', '<link rel="dns_prefetch">'],
    ['&#0000000000000000000112;reconnect', 'prec_nnect'],
    ['&#x;&#;&#', '&#x;&#;&#'],
  ])('%s becomes %s', (text, expected) => {
    expect(html(text)).toBe(expected);
  });

  it('ends each piece that is written with a blank, so that pieces make no word', () => {
    expect(html('<p src', 'Document write')).toBe('<p src ');
  });

  it('refuses entities, frames made of text, and scripts that are addresses', () => {
    expect(html('<!EnTiTy x "y">')).toBeNull();
    expect(html('x', 'HTMLIFrameElement srcdoc')).toBeNull();
    const { createScript } = rulesOfPolicy();
    expect(createScript('1', 'TrustedScript', 'Location href')).toBeNull();
    expect(createScript('1', 'TrustedScript', 'HTMLScriptElement text')).toBe('1');
  });

  it('holds when every function it could look up was replaced', () => {
    const { createHTML } = rulesOfPolicy();
    const replaced = [String.prototype, RegExp.prototype].flatMap((owner) =>
      Object.getOwnPropertyNames(owner).map((name) => [owner, name] as const),
    );
    const kept = replaced.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name)!);
    let result: string | null;
    try {
      for (const [i, [owner, name]] of replaced.entries()) {
        if (kept[i]?.configurable !== true) continue;
        Object.defineProperty(owner, name, { value: () => '', configurable: true });
      }
      result = createHTML('<p srcdoc="x">', 'TrustedHTML', 'Element innerHTML');
    } finally {
      for (const [i, [owner, name]] of replaced.entries()) {
        if (kept[i]?.configurable === true) Object.defineProperty(owner, name, kept[i]);
      }
    }
    expect(result).toBe('<p srcd_c="x">');
  });
});
