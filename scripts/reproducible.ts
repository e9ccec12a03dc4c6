/**
 * A check of `npm test`: a build depends on the sources alone. The same sources, copied to another
 * path and built at another time, give the same files, and so one CID on IPFS.
 */
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, ROOT, runViteBuild } from './build.ts';
import { filesBelow, folderCar } from './ipfs/site-car.ts';

/** Inside the project, so that packages can be hard links and need no copy. */
const COPY = join(ROOT, '.cache', 'again');

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
async function isReproducible(): Promise<boolean> {
  rmSync(COPY, { recursive: true, force: true });
  try {
    for (const source of SOURCES) {
      if (existsSync(join(ROOT, source))) {
        cpSync(join(ROOT, source), join(COPY, source), { recursive: true });
      }
    }
    linkTree(join(ROOT, 'node_modules'), join(COPY, 'node_modules'));
    if (!runViteBuild(COPY)) return false;
    const [first, second] = [await cidOf(DIST), await cidOf(join(COPY, 'dist'))];
    console.log(first === second ? `both builds are ${first}` : `${first} is not ${second}`);
    return first === second;
  } finally {
    rmSync(COPY, { recursive: true, force: true });
  }
}

async function cidOf(folder: string): Promise<string> {
  return (await folderCar(filesBelow(folder))).cid;
}

/** A symbolic link to the whole folder would not do: builds see through it to the first path. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    // `$app` is written anew by the build, and a link would change what other checks read.
    if (['.vite', '.bin', '$app'].includes(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkSync(source, target);
  }
}

process.exitCode = (await isReproducible()) ? 0 : 1;
