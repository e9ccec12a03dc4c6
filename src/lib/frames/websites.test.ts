import { expect, it } from 'vitest';
import { websiteAddressOf } from './websites.ts';

it('a website is at the name of its user below the domain', () => {
  expect(websiteAddressOf('https://*.sites.example.org', 'alice')).toBe(
    'https://alice.sites.example.org/',
  );
  expect(websiteAddressOf('http://*.sites.localhost:8000', 'a-b')).toBe(
    'http://a-b.sites.localhost:8000/',
  );
});

it.each([
  ['javascript:*.a.b', 'alice'],
  ['https://sites.example.org', 'alice'],
  ['https://*.sites.example.org/x', 'alice'],
  ['https://*.sites.example.org', 'alice.evil'],
  ['https://*.sites.example.org', 'a/b'],
  ['https://*.sites.example.org', ''],
])('%s and "%s" make no address', (pattern, username) => {
  expect(websiteAddressOf(pattern, username)).toBeUndefined();
});
