/** How much script the first pages load before anything is clicked, compressed with brotli. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { DIST, ROOT } from '../../scripts/build.ts';
import { buildScript } from '../../scripts/site/frame-files.ts';
import { serveStatic } from '../../scripts/static-server.ts';
import { SUPPORTED_BROWSERS } from '../../src/supported-browsers.ts';
import { Profile } from '../browser/profile.ts';

/** Nobody here knows it; the card says so. */
const LINK = '#secret/z59vuwzfFDp3ZA8ZpnnmHEuMtyA1q34m3Th49DYXQVJntWpxdGrRqXi/4711#abcdefghijkl';
const TARGET = Object.entries(SUPPORTED_BROWSERS).map(([name, version]) => name + version);
const SETTLE_MS = 1500;
/** What the service worker fetches for later visits is no part of it. */
const SCRIPT_DESTINATIONS = new Set(['script', 'worker', 'sharedworker']);

export async function initialScriptBytes(): Promise<number> {
  const paths = new Set<string>();
  const server = await serveStatic({
    mounts: [{ prefix: '/', folder: DIST }],
    onRequest: ({ url = '/', headers }) => {
      const destination = headers['sec-fetch-dest'];
      if (SCRIPT_DESTINATIONS.has(String(destination))) paths.add(url);
    },
  });
  const profile = new Profile();
  try {
    const page = await profile.page();
    await page.goto(`${server.origin}/`, { waitUntil: 'networkidle' });
    await page.getByRole('button').first().waitFor();
    await page.waitForTimeout(SETTLE_MS);
  } finally {
    await profile.destroy();
    await server.close();
  }
  return totalBytes(paths);
}

/** The first script of an app's frame, which the service worker has in itself. */
export async function appLoaderBytes(): Promise<number> {
  const script = await buildScript({ root: ROOT, target: TARGET }, 'src/apps/loader/main.ts');
  return brotliBytes('src/apps/loader', Buffer.from(script));
}

/**
 * What the page of a link loads until it shows a card. The engine, which opens the link meanwhile in a
 * worker, is no part of the page.
 */
export async function guestScriptBytes(): Promise<number> {
  const server = await serveStatic({ mounts: [{ prefix: '/', folder: DIST }] });
  const profile = new Profile();
  try {
    const page = await profile.page();
    await page.goto(`${server.origin}/${LINK}`);
    await page.getByRole('heading').first().waitFor();
    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => new URL(name).pathname)
        .filter((path) => path.endsWith('.js') && !path.includes('/workers/')),
    );
    return totalBytes(new Set(loaded));
  } finally {
    await profile.destroy();
    await server.close();
  }
}

function totalBytes(paths: ReadonlySet<string>): number {
  const sizes = [...paths].map((path) => brotliBytes(path, readFileSync(join(DIST, path))));
  return [...sizes, brotliBytes('inline', inlineScript())].reduce((sum, bytes) => sum + bytes, 0);
}

function brotliBytes(name: string, script: Buffer): number {
  const bytes = brotliCompressSync(script).length;
  console.error(`  ${String(bytes).padStart(8)}  ${name}`);
  return bytes;
}

function inlineScript(): Buffer {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)];
  return Buffer.from(scripts.map(([, script]) => script).join('\n'));
}
