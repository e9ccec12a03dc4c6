import { describe, expect, it } from 'vitest';
import { resolvePart } from './paths.ts';

describe('resolvePart', () => {
  it.each([
    ['OEBPS/text/a.xhtml', '../pictures/b.png', 'OEBPS/pictures/b.png', ''],
    ['OEBPS/text/a.xhtml', 'b.xhtml#there', 'OEBPS/text/b.xhtml', 'there'],
    ['OEBPS/text/a.xhtml', '#here', 'OEBPS/text/a.xhtml', 'here'],
    ['word/document.xml', '/word/media/a.png', 'word/media/a.png', ''],
    ['a/b.xml', '../../../../c.xml', 'c.xml', ''],
    ['a/b.xml', './c%20d.xml', 'a/c d.xml', ''],
    ['a/b.xml', '100%.xml', 'a/100%.xml', ''],
  ])('from %s, %s is %s', (from, reference, path, fragment) => {
    expect(resolvePart(from, reference)).toEqual({ path, fragment });
  });

  it.each([
    'https://elsewhere.example/',
    'javascript:alert(1)',
    '//elsewhere.example',
    'file:///a',
  ])('knows that %s is elsewhere', (reference) => {
    expect(resolvePart('a/b.xml', reference)).toBeUndefined();
  });
});
