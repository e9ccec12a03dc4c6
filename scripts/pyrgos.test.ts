/** Where the command line begins: in the bundle when that is what the sources say, else in these. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './build.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pyrgos-cli-'));
  write('package.json', '{"type": "module", "version": "1.2.3"}');
  write('node_modules/@noble/hashes/package.json', '{}');
  write('src/lib/room.ts', 'export const room = 1;');
  write(
    'src/cli/main.ts',
    'export const run = (args: string[]) => console.log(`sources ${args}`);',
  );
  write('.cache/cli/main.js', 'export const run = (args) => console.log(`bundle ${args}`);');
  write('.cache/cli/inputs.json', JSON.stringify(['package.json', 'src/lib/room.ts'].map(facts)));
  cpSync(join(ROOT, 'src/cli/pyrgos.mjs'), join(root, 'src/cli/pyrgos.mjs'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function facts(path: string): [string, number, number] {
  const { size, mtimeMs } = statSync(join(root, path));
  return [path, size, mtimeMs];
}

function pyrgos(...args: string[]): string {
  const script = join(root, 'src/cli/pyrgos.mjs');
  return execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' }).trim();
}

test('a fresh bundle is run', () => {
  expect(pyrgos('ls', '-l')).toBe('bundle ls,-l');
});

test.each<[string, () => void]>([
  ['there is none', () => rmSync(join(root, '.cache'), { recursive: true })],
  ['a source has another length', () => write('src/lib/room.ts', 'export const room = 12;')],
  ['a source was changed later', () => utimesSync(join(root, 'src/lib/room.ts'), 5, 5)],
  ['a source is gone', () => rmSync(join(root, 'src/lib/room.ts'))],
  ['its list is damaged', () => write('.cache/cli/inputs.json', '[["package')],
  ['its list is something else', () => write('.cache/cli/inputs.json', '{"a": 1}')],
])('the sources are run when %s', (_, change) => {
  change();
  expect(pyrgos('ls')).toBe('sources ls');
});

test('the version needs neither', () => {
  rmSync(join(root, 'src/lib'), { recursive: true });
  rmSync(join(root, '.cache'), { recursive: true });
  expect(pyrgos('--version')).toBe('1.2.3');
});
