import { expect, it } from 'vitest';
import { appSubdomain, keyedSubdomain, pageSubdomain } from './subdomain.ts';

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

it('gives an app a label that only those with the secret can tell from others', () => {
  const [mine, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  // HMAC-SHA-256 by OpenSSL, as a multihash in base32.
  expect(keyedSubdomain(mine, 'alice/.apps/chat')).toBe(
    'bciqekmtfcu2kq4entimhewo72gtmlgxpynldrvi5765w7ejvxk32aly',
  );
  expect(keyedSubdomain(other, 'alice/.apps/chat')).not.toBe(
    keyedSubdomain(mine, 'alice/.apps/chat'),
  );
});
