/**
 * Proof that a build depends on the sources alone: the same sources, copied to another path and
 * built at another time, give the same bytes. On a content network that means the same address.
 */
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST, ROOT, runViteBuild, siteHash } from './build.ts';

const SOURCES = [
  'messages',
  'package.json',
  'package-lock.json',
  'project.inlang',
  'scripts',
  'src',
  'static',
  'svelte.config.js',
  'tsconfig.json',
  'vite.config.ts',
];

/** Compares with the site in `dist/`, which must be up to date. */
export function isReproducible(): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'pyrgos-again-'));
  try {
    for (const source of SOURCES) {
      if (existsSync(join(ROOT, source))) {
        cpSync(join(ROOT, source), join(copy, source), { recursive: true });
      }
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    if (!runViteBuild(copy)) return false;
    const [first, second] = [siteHash(DIST), siteHash(join(copy, 'dist'))];
    console.log(first === second ? `both builds are ${first}` : `${first} is not ${second}`);
    return first === second;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
