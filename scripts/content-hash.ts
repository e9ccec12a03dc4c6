/**
 * One hash over everything the built site is made from. It names the version of the site (so that
 * two builds of the same sources are byte for byte equal, whatever the clock says) and tells
 * `npm start` whether `dist/` is still up to date.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INPUTS = [
  'package.json',
  'package-lock.json',
  'scripts/site', // what the build adds to Vite
  'project.inlang/settings.json', // what lies beside it is written by the message compiler
  'messages',
  'src',
  'static',
  'svelte.config.js',
  'tsconfig.json',
  'vite.config.ts',
];

/** Compiled out of `messages/` by every build, and what only runs in Node. */
const NO_PART_OF_THE_SITE = new Set([
  'src/lib/paraglide',
  'src/lib/stores/server',
  'src/lib/system',
  'src/server',
  'src/cli',
]);

/** Hex, 64 characters. Unit tests are no part of the site and do not count. */
export function contentHash(root: string = ROOT): string {
  const hash = createHash('sha256');
  for (const path of INPUTS.flatMap((input) => filesUnder(root, input)).sort()) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${String(bytes.length)}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function filesUnder(root: string, path: string): string[] {
  if (NO_PART_OF_THE_SITE.has(path)) return [];
  let entries;
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return [path];
    if (code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory()) return filesUnder(root, child);
    return entry.name.endsWith('.test.ts') ? [] : [child];
  });
}
