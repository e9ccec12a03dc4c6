import { describe, expect, it } from 'vitest';
import { rootIsSvg } from './svg.ts';

describe('rootIsSvg', () => {
  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '\ufeff<?xml version="1.0"?>\n<svg>',
    '<!-- made by x -->\n<svg width="1">',
    '<?xml version="1.0"?>\n<!-- a > b -->\n<?style x?>\n<svg >',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd">\n<svg>',
    '<!DOCTYPE svg [\n<!ENTITY ns "http://x">\n]>\n<svg xmlns="&ns;">',
    '<s:svg xmlns:s="http://www.w3.org/2000/svg">',
  ])('sees a picture in %s', (text) => {
    expect(rootIsSvg(text)).toBe('yes');
  });

  it.each(['<html><svg/></html>', '<svgx>', 'text <svg>', '<?xml?><rss>', '{"svg": "<svg>"}'])(
    'sees none in %s',
    (text) => {
      expect(rootIsSvg(text)).toBe('no');
    },
  );

  it('says when the text ends before its root', () => {
    expect(rootIsSvg(`<!-- ${'x'.repeat(500)}`)).toBe('unfinished');
    expect(rootIsSvg('<?xml version="1.0"?>\n')).toBe('unfinished');
  });

  // Work that grows with the square of the length would not end within a test's time.
  it.each(['<!--', '<!DOCTYPE [', '<!DOCTYPE "', '<?x ', '<!DOCTYPE a[]'])(
    'reads a million letters of the hostile prolog %s',
    (hostile) => {
      expect(rootIsSvg(hostile.repeat(1_000_000 / hostile.length))).not.toBe('yes');
    },
  );
});
