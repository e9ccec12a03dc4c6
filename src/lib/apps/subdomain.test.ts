import { expect, it } from 'vitest';
import { appSubdomain, pageSubdomain } from './subdomain.ts';

/** The vector `appSubdomain` of C-11. */
it('gives apps and pages the labels of the protocol’s vector', () => {
  const label = 'bciqlxg6bgock3q2pki6x27wu7sknsskxgbui6ardrnxpx67kactokla';
  for (const path of ['alice/.apps/chat', '/alice/.apps/chat/', ' alice\\.apps\\chat ']) {
    expect(appSubdomain(path)).toBe(label);
  }
  expect(pageSubdomain('alice', 'bob/www')).toBe(
    'bciqehs76vvdb3tnaquv4mcmh6smxx4n76y7llesfzwl5jnou3an6pgq',
  );
});
