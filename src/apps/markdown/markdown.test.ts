import { describe, expect, it } from 'vitest';
import { frontMatterOf } from './front-matter.ts';
import { toggleTask } from './tasks.ts';
import { slugOf, toHtml } from './to-html.ts';

describe('front matter', () => {
  it('is told apart from the text, property by property', () => {
    const text =
      '---\ntitle: "A day: out"\ntags: [sea, "tower"]\ndraft:\npeople:\n  - Anna\n  - Boris\n# no\n---\n# Text\n';
    expect(frontMatterOf(text)).toEqual({
      rows: [
        ['title', 'A day: out'],
        ['tags', 'sea, tower'],
        ['draft', ''],
        ['people', 'Anna, Boris'],
      ],
      lineCount: 9,
    });
  });

  it.each([
    '',
    '---',
    '---\nno end\n',
    'text\n---\na: b\n---\n',
    '----\na: b\n----\n',
    ' ---\na: b\n---',
  ])('is not there in %j', (text) => {
    expect(frontMatterOf(text)).toBeUndefined();
  });
});

describe('a task', () => {
  const toggled = (text: string, line: number): string | undefined => {
    const change = toggleTask(text, line);
    return change && text.slice(0, change.from) + change.insert + text.slice(change.to);
  };

  it.each([
    ['- [ ] milk', 0, '- [x] milk'],
    ['- [x] milk', 0, '- [ ] milk'],
    ['- [X] milk\n- [ ] bread\n', 1, '- [X] milk\n- [x] bread\n'],
    ['1. [ ] one\n   * [ ] two', 1, '1. [ ] one\n   * [x] two'],
    ['> - [ ] quoted', 0, '> - [x] quoted'],
    ['- - [ ] nested', 0, '- - [x] nested'],
    ['a\r\n- [ ] b\r\n', 1, 'a\r\n- [x] b\r\n'],
  ])('of %j on line %i is ticked or unticked, and nothing else changes', (text, line, after) => {
    expect(toggled(text, line)).toBe(after);
  });

  it.each([
    ['- [ ]milk', 0],
    ['[ ] milk', 0],
    ['- [y] milk', 0],
    ['- milk', 0],
    ['- [ ] milk', 1],
    ['- [ ] milk', 99],
  ])('is not there in %j on line %i', (text, line) => {
    expect(toggleTask(text, line)).toBeUndefined();
  });

  it('is found again by the line that its box was made for', () => {
    const text = '---\na: b\n---\n\n# List\n\n- [ ] one\n- [x] two\n\n  1. [ ] three\n';
    const html = toHtml(text, 'mark', frontMatterOf(text));
    const boxes = [...html.matchAll(/data-task="mark:(\d+):([01])"/gu)];
    expect(boxes.map(([, line, tick]) => [Number(line), tick])).toEqual([
      [6, '0'],
      [7, '1'],
      [9, '0'],
    ]);
    for (const [, line = ''] of boxes) expect(toggleTask(text, Number(line))).toBeDefined();
  });
});

describe('headings', () => {
  it('are named by their words, each once', () => {
    const html = toHtml('# Höhe & Tiefe\n## A\n## A\n', 'mark', undefined);
    expect([...html.matchAll(/id="([^"]*)"/gu)].map(([, id]) => id)).toEqual([
      'höhe--tiefe',
      'a',
      'a-1',
    ]);
    expect(slugOf('“A” b_c-d!')).toBe('a-b_c-d');
  });
});

describe('a formula', () => {
  const html = (text: string): string => toHtml(text, 'm', undefined);
  const line = (formula: string): string => `<code data-formula="m:line">${formula}</code>`;

  it.each([
    ['where $a<b$ holds', `<p>where ${line('a&lt;b')} holds</p>\n`],
    ['$\\$5 + x$ here', `<p>${line('\\$5 + x')} here</p>\n`],
    ['in $$x^2$$ a line', `<p>in ${line('x^2')} a line</p>\n`],
    ['$$\na +\nb\n$$', '<code data-formula="m:block">a +\nb</code>'],
    ['$$x$$\n', '<code data-formula="m:block">x</code>'],
    ['```math\nx_1\n```', '<code data-formula="m:block">x_1\n</code>'],
  ])('is found in %j', (text, expected) => {
    expect(html(text)).toBe(expected);
  });

  it.each([
    'from $5 to $10 each',
    'a $ b $ c',
    '$ a$',
    '\\$a$',
    '`$a$`',
    '$$',
    '$$\nno end',
    '```sh\necho $a$\n```',
  ])('is not there in %j', (text) => {
    expect(html(text)).not.toContain('data-formula');
  });
});
