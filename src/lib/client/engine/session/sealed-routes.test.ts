import { describe, expect, it } from 'vitest';
import { fromHex } from '#lib/bytes/index.ts';
import { seal, SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import type { Route } from '../../types.ts';
import { openRoute, sealRoute } from './sealed-routes.ts';

const key = SymmetricKey.random(systemRandom);

/** A state sealed by another client of the protocol (C-7 §7.2). */
const RECORDED = {
  rootKey: '07'.repeat(32),
  nonce: 'CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ',
  ciphertext:
    '1JEIO0ux0U5qXnGHwuh6sKl9UdMNY1OcdFEg2pARh2Ak7+dEMWr8760UjyvV9iAJOL2IveWpWxYwinYxP+izPlQA' +
    '+cjxRDYgTqZz1JyXeJVYXEL9g6H0S4X3sjeJdahlfsnBdnilOv10FA0LWCgNvIcszHNhcOOHcRT25JePPH8n+Np6' +
    '+u51B6o49EdvMWOdPxUPLl9jW3OV75souGK1q9W8nSWVzg==',
};

/** Seals any state text the way the format says, without the code under test. */
function sealedState(state: unknown): string {
  const inner = encodeURI(JSON.stringify(state)).replaceAll(',', '%2c');
  const nonce = systemRandom(24);
  const box = seal(key, nonce, new TextEncoder().encode(inner));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const outer = JSON.stringify({ nonce: base64(nonce), ciphertext: base64(box) });
  return encodeURI(outer).replaceAll(',', '%2c');
}

describe('places in the URL', () => {
  it.each([
    { app: 'drive', path: [] },
    { app: 'drive', path: ['alice', 'Documents', 'ünïcode, with comma & %'] },
    { app: 'view', path: ['alice', 'Films', 'summer.mp4'], args: { at: '12' } },
    { app: 'settings', path: [] },
    { app: 'trash', path: [] },
    { app: 'an-app-of-another-room', path: ['alice', 'x'] },
  ] as const)('come back as they were: %j', (place) => {
    const sealed = sealRoute(place, key, systemRandom);
    expect(openRoute(sealed, key)).toEqual(place);
    expect(openRoute(`#${sealed}`, key)).toEqual(place);
    expect(sealed).toMatch(/^[A-Za-z0-9%+/=:.{}"-]*$/);
  });

  it.each([1, 30, 100, 300])('%i folders deep, with the longest names, come back', (levels) => {
    const place = {
      app: 'drive',
      path: ['alice', ...Array.from({ length: levels }, () => '文'.repeat(255))],
    };
    const sealed = sealRoute(place as Route, key, systemRandom);
    expect(openRoute(sealed, key)).toEqual(place);
  });

  it('too deep for an address are the top of their tree', () => {
    const path = ['alice', ...Array.from({ length: 1000 }, () => '文'.repeat(255))];
    const sealed = sealRoute({ app: 'drive', path }, key, systemRandom);
    expect(sealed.length).toBeLessThan(10_000);
    expect(openRoute(sealed, key)).toEqual({ app: 'drive', path: ['alice'] });
  });

  it('show neither where one is nor how long its name is', () => {
    const lengths = ['a', 'a much longer folder name', 'x'.repeat(60)].map(
      (name) => sealRoute({ app: 'drive', path: ['alice', name] }, key, systemRandom).length,
    );
    // Base64 may differ by the escapes of its nonce and text, never by the name.
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(40);
    const one = sealRoute({ app: 'drive', path: ['alice', 'a'] }, key, systemRandom);
    expect(one).not.toBe(sealRoute({ app: 'drive', path: ['alice', 'a'] }, key, systemRandom));
    expect(one).not.toContain('alice');
  });

  it('of another client open', () => {
    const fragment = encodeURI(
      JSON.stringify({ nonce: RECORDED.nonce, ciphertext: RECORDED.ciphertext }),
    ).replaceAll(',', '%2c');
    const rootKey = new SymmetricKey(fromHex(RECORDED.rootKey));
    expect(openRoute(fragment, rootKey)).toEqual({
      app: 'drive',
      path: ['alice', 'Documents'],
    });
  });

  it('of other views of another client lead to their folder or file', () => {
    const open = (state: object) => openRoute(sealedState(state), key);
    expect(
      open({ app: 'pdf', path: 'alice/a', args: { filename: 'b.pdf' }, writable: true }),
    ).toEqual({ app: 'view', path: ['alice', 'a', 'b.pdf'] });
    expect(open({ app: 'NewsFeed', path: '/alice/', args: {} })).toEqual({
      app: 'NewsFeed',
      path: ['alice'],
    });
  });

  it('that are hostile, of others or damaged are no place', () => {
    for (const sealed of ['', '#', 'x', '%', '{}', '[]', 'null', '%7B%7D', 'a'.repeat(70_000)]) {
      expect(openRoute(sealed, key)).toBeUndefined();
    }
    const mine = sealRoute({ app: 'drive', path: ['alice', 'a'] }, key, systemRandom);
    expect(openRoute(mine, SymmetricKey.random(systemRandom))).toBeUndefined();
    expect(openRoute(mine.slice(0, -9), key)).toBeUndefined();
    for (const state of [
      1,
      [],
      { app: 1, path: 'alice' },
      { app: 'Drive' },
      { app: 'Drive', path: 'alice', args: { a: {} } },
    ]) {
      expect(openRoute(sealedState(state), key)).toBeUndefined();
    }
  });
});
