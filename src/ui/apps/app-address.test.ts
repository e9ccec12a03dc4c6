import { expect, it } from 'vitest';
import { sourceOfAddress } from './app-address.ts';

it.each([
  ['/alice/apps/to do/', ['alice', 'apps', 'to do']],
  [' /alice/100% ', ['alice', '100%']],
  ['https://drive.example.org/public/alice/to%20do?open=true', ['alice', 'to do']],
])('“%s” is the path of a public folder', (typed, path) => {
  expect(sourceOfAddress(typed)).toEqual({ kind: 'public', path });
});

it.each(['https://drive.example.org/secret/z59v/17#abcDEF', 'secret/z59v/17#abcDEF'])(
  '“%s” is a link',
  (address) => {
    expect(sourceOfAddress(address)).toEqual({ kind: 'link', address });
  },
);

it.each([
  '',
  'alice',
  '/alice',
  'https://example.org/x',
  '/secret/z59v/17',
  'https://a.org/public/a/%',
])('“%s” is neither', (typed) => {
  expect(sourceOfAddress(typed)).toBeUndefined();
});
