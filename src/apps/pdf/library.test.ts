/** The library that reads hostile files is none with a known fault, and cannot run what it reads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const read = (path: string): string => readFileSync(require.resolve(`pdfjs-dist/${path}`), 'utf8');

/** Faults by which a file could run a script, and the versions without them. */
const MENDED = [
  ['CVE-2018-5158', '2.0.550'],
  ['CVE-2024-4367', '4.2.67'],
  ['CVE-2026-16633', '6.2.108'],
] as const;

test.each(MENDED)('the version of pdf.js is none that %s is about', (_fault, since) => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(compare(version, since)).toBeGreaterThanOrEqual(0);
});

test('pdf.js makes no functions from text, in the thread that reads files and in the frame', () => {
  for (const path of [
    'legacy/build/pdf.mjs',
    'legacy/build/pdf.worker.mjs',
    'legacy/web/pdf_viewer.mjs',
  ]) {
    const text = read(path);
    expect(text).not.toMatch(/isEvalSupported|\beval\(/u);
    // The polyfills name the one of ancient browsers, which they do not reach; a class is another.
    const made = text.match(/\bnew Function\(|\bFunction\((?!'return this'\))/gu) ?? [];
    expect(made, path).toEqual([]);
  }
});

test('versions are compared by their numbers', () => {
  expect(compare('6.10.0', '6.9.999')).toBeGreaterThan(0);
  expect(compare('4.1.392', '4.2.67')).toBeLessThan(0);
  expect(compare('6.2.108', '6.2.108')).toBe(0);
});

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((it) => it.split('.').map(Number)) as [number[], number[]];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : left[at]! - (right[at] ?? 0);
}
