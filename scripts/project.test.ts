/** Promises of the repository itself. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './build.ts';
import { contentHash } from './content-hash.ts';

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}
interface Lockfile {
  readonly packages: Record<
    string,
    { version?: string; resolved?: string; integrity?: string; extraneous?: boolean }
  >;
}

const manifest = readJson('package.json') as Manifest;
const names = Object.entries({
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
});

describe('the lockfile', () => {
  const packages = Object.entries((readJson('package-lock.json') as Lockfile).packages);
  const installed = packages.filter(([path]) => path !== '');

  test('names no address to download from', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/);
  });

  test('gives a hash and a version for every package', () => {
    const bad = installed.filter(([, { version, integrity }]) => !version || !integrity);
    expect(bad.map(([path]) => path)).toEqual([]);
  });

  test('holds nothing that nobody asked for', () => {
    expect(installed.filter(([, { extraneous }]) => extraneous === true)).toEqual([]);
  });
});

describe('dependencies', () => {
  test('are pinned to one version each', () => {
    expect(names.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('have a row each in docs/dependencies.md, and nothing else has', () => {
    const page = readFileSync(join(ROOT, 'docs', 'dependencies.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(rows.toSorted()).toEqual(names.map(([name]) => name).toSorted());
  });
});

describe('the name of a version', () => {
  let folder = '';
  const write = (path: string, text: string): void => {
    const target = join(folder, path);
    mkdirSync(join(target, '..'), { recursive: true });
    writeFileSync(target, text);
  };

  test('follows the sources, not the clock, the tests or what a build generates', () => {
    folder = mkdtempSync(join(tmpdir(), 'pyrgos-hash-'));
    write('src/a.ts', 'one');
    const first = contentHash(folder);
    write('src/a.ts', 'one');
    write('src/a.test.ts', 'a test');
    write('src/lib/paraglide/messages.js', 'generated');
    expect(contentHash(folder)).toBe(first);
    write('src/a.ts', 'two');
    const second = contentHash(folder);
    expect(second).not.toBe(first);
    write('static/icon.svg', '<svg/>');
    expect(contentHash(folder)).not.toBe(second);
    rmSync(folder, { recursive: true });
  });
});
