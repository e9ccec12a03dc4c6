/** Where the command line begins: in the bundle when that is what the sources say, else in these. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  for (const path of ['src/cli/pyrgos.mjs', 'scripts/caller-folder.mjs', 'scripts/run.mjs']) {
    cpSync(join(ROOT, path), join(root, path));
  }
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

describe('relative paths begin in the folder of the caller', () => {
  const elsewhere = (): string => mkdtempSync(join(tmpdir(), 'pyrgos-caller-'));
  const started = (cwd: string, script: string, args: string[], env = {}): string => {
    const { INIT_CWD: _, npm_package_json: __, ...clean } = process.env;
    const options = { cwd, env: { ...clean, ...env }, encoding: 'utf8' } as const;
    const done = spawnSync(process.execPath, [script, ...args], options);
    return `${done.stdout}${done.stderr}`.trim();
  };
  const inFolder = 'export const run = () => console.log(process.cwd());';

  test('when the program is started by itself', () => {
    write('.cache/cli/main.js', inFolder);
    const folder = elsewhere();
    expect(started(folder, join(root, 'src/cli/pyrgos.mjs'), ['ls'])).toBe(folder);
  });

  test('when it is started through a link', () => {
    write('.cache/cli/main.js', inFolder);
    const folder = elsewhere();
    symlinkSync(join(root, 'src/cli/pyrgos.mjs'), join(folder, 'pyrgos.mjs'));
    expect(started(folder, 'pyrgos.mjs', ['ls'])).toBe(folder);
  });

  test('when npm runs it from a folder below', () => {
    write('.cache/cli/main.js', inFolder);
    mkdirSync(join(root, 'below'));
    const env = { INIT_CWD: join(root, 'below'), npm_package_json: join(root, 'package.json') };
    const script = join(root, 'src/cli/pyrgos.mjs');
    expect(started(root, script, ['ls'], env)).toBe(join(root, 'below'));
  });

  test('when a script of another package starts it', () => {
    write('.cache/cli/main.js', inFolder);
    const folder = elsewhere();
    const env = { INIT_CWD: '/', npm_package_json: join(folder, 'package.json') };
    expect(started(folder, join(root, 'src/cli/pyrgos.mjs'), ['ls'], env)).toBe(folder);
  });

  test('when an older Node hands over to the one of the packages', () => {
    const folder = elsewhere();
    const args = ['pyrgos', 'ls', '--node', 'dir:here', '--user', 'alice', '--password', 'x'];
    const said = started(folder, join(ROOT, 'scripts/run.mjs'), args);
    expect(said).toContain(`There is no drive in ${join(folder, 'here')}`);
  });
});
