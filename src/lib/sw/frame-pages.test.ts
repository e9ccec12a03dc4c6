import { describe, expect, it } from 'vitest';
import { FRAME_KINDS, type FrameKind } from '#lib/frames/index.ts';
import { answerFrame } from './frame-pages.ts';

const SCRIPTS = { viewer: 'viewer()', viewerHash: 'aGFzaA==', loader: 'loader()' };
/** Node makes no request of a navigation. */
const navigation = (more: object = {}): Request =>
  ({ method: 'GET', mode: 'navigate', destination: 'iframe', ...more }) as Request;

const policyOf = (kind: FrameKind): Map<string, string> => {
  const { headers } = answerFrame(navigation(), kind, SCRIPTS);
  const directives = headers.get('Content-Security-Policy')?.split('; ') ?? [];
  return new Map(
    directives.map((text) => [text.split(' ')[0] ?? '', text.split(' ').slice(1).join(' ')]),
  );
};

describe('documents of frames', () => {
  it.each(FRAME_KINDS)('%s: the origin is opaque, and nothing can be loaded or opened', (kind) => {
    const policy = policyOf(kind);
    expect(policy.get('sandbox')).toBe('allow-scripts allow-forms allow-modals');
    expect(policy.get('default-src')).toBe("'none'");
    for (const name of ['frame-src', 'object-src', 'form-action']) {
      expect(policy.get(name)).toBe("'none'");
    }
    expect(policy.get('require-trusted-types-for')).toBe("'script'");
    expect(policy.get('trusted-types')).toBe('default');
    const { headers } = answerFrame(navigation(), kind, SCRIPTS);
    expect(headers.get('Connection-Allowlist')).toBe('()');
    expect(headers.get('X-DNS-Prefetch-Control')).toBe('off');
    // With it an app can end the browser: `leaks.spec.ts` shows it.
    expect(headers.has('Document-Isolation-Policy')).toBe(false);
    // Our server's pages embed nothing without it.
    expect(headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
  });

  it.each(FRAME_KINDS.filter((kind) => kind !== 'viewer'))(
    '%s fetches nothing by itself',
    (kind) => {
      expect(policyOf(kind).get('connect-src')).toBe("'none'");
    },
  );

  it('only an app that asked for it may evaluate texts', () => {
    const evaluating = FRAME_KINDS.filter((kind) =>
      policyOf(kind).get('script-src')?.includes("'unsafe-eval'"),
    );
    expect(evaluating).toEqual(['app-eval']);
  });

  it.each([
    [{ destination: 'document' }, 403],
    [{ destination: 'empty', mode: 'cors' }, 403],
    [{ method: 'POST' }, 405],
  ])('a request with %j is answered with %i', (more, status) => {
    expect(answerFrame(navigation(more), 'app', SCRIPTS).status).toBe(status);
  });
});
