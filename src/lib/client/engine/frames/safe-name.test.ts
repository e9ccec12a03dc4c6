import { expect, it } from 'vitest';
import { safeName } from './safe-name.ts';

it.each([
  ['report.csv', 'report.csv'],
  ['../../.apps/evil/peergos-app.json', 'peergos-app.json'],
  ['C:\\Windows\\notes.txt', 'notes.txt'],
  ['.profile', 'profile'],
  ['...', 'file'],
  ['', 'file'],
  ['a/', 'file'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['line\nbreak\0.txt', 'linebreak.txt'],
  ['zero\u200Bwidth.txt', 'zerowidth.txt'],
  ['half \uD800.txt', 'half \uFFFD.txt'],
  ['größe 漢字.pdf', 'größe 漢字.pdf'],
])('%j becomes %j', (wanted, name) => {
  expect(safeName(wanted)).toBe(name);
});

it('a long name keeps its extension', () => {
  const name = safeName(`${'x'.repeat(900)}.pdf`);
  expect(name).toHaveLength(200);
  expect(name.endsWith('x.pdf')).toBe(true);
});
