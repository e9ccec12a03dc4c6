import { expect, test } from 'vitest';
import { parseUrl } from './url.ts';

test('a host with letters beyond ASCII is read, however many were read before', () => {
  for (let i = 0; i < 100_000; i++) parseUrl(`https://a${i % 7}.example`);
  expect(parseUrl('https://müller.example')?.host).toBe('xn--mller-kva.example');
});

test.each(['', 'drive.example', 'https://', 'https://a b'])('"%s" is no URL', (text) => {
  expect(parseUrl(text)).toBeUndefined();
});
