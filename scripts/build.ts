/**
 * `npm run build`: makes `dist/` and the bundle of the command line, where they are not up to date.
 * `--force` builds in any case.
 *
 * Two builds of the same sources are byte for byte equal; `siteHash` is how that is checked and
 * what the page "about" can be compared with.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCli } from './bundle-cli.ts';
import { contentHash } from './content-hash.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const DIST = join(ROOT, 'dist');
const STAMP = join(ROOT, '.cache', 'build-stamp');

/** Builds unless `dist/` already is what the sources say. True when the site is there. */
export function buildSite({ force = false } = {}): boolean {
  const hash = contentHash(ROOT);
  if (!force && existsSync(join(DIST, 'index.html')) && readStamp() === hash) return true;
  rmSync(STAMP, { force: true });
  if (!runViteBuild(ROOT)) return false;
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, hash);
  return true;
}

/** Vite's own words go to stderr: stdout belongs to the task. */
export function runViteBuild(root: string): boolean {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const done = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
  });
  return done.status === 0 && existsSync(join(root, 'dist', 'index.html'));
}

/** One hash over the names and bytes of every file of a built site. */
export function siteHash(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    hash.update(`${file}\0${String(bytes.length)}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function readStamp(): string | undefined {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined;
}

if (import.meta.main) {
  const force = process.argv.includes('--force');
  if (!buildSite({ force })) process.exit(1);
  await bundleCli({ force });
  console.log(`dist/ is up to date (${siteHash(DIST).slice(0, 16)}).`);
}
