/**
 * What the engine does without screens: up, down, many small files, a long chain. The test page
 * offers the client's façade and takes the time itself.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type {} from '../pages/engine.ts';
import type { Person } from '../browser/pages/account-page.ts';
import type { Profile } from '../browser/profile.ts';
import type { Results } from './fields.ts';
import { HeapWatch } from './heap.ts';

const MIB = 2 ** 20;
const FILE_MIB = 200;
const HEAP_FILE_MIB = 2048;
const LONG_FILE_GIB = 100;
const SMALL_FILES = 1000;
const SMALL_FILE_BYTES = 4096;
const LISTED_FILES = 10_000;

export const LARGE_FOLDER = 'ten thousand';

export type Measure = (name: string, run: () => Promise<number>) => Promise<void>;

export async function signUpOnTestPage(page: Page, url: string, person: Person): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() => 'engine' in globalThis);
  await page.evaluate(({ username, password }) => engine.signUp(username, password), person);
}

export async function measureEngine(page: Page, measure: Measure): Promise<void> {
  const file = randomFile(FILE_MIB);
  await page.locator('#files').setInputFiles(file.path);
  await measure('upload_mib_s', async () => {
    const ms = await page.evaluate(() => engine.uploadPicked());
    return rounded(FILE_MIB / (ms / 1000));
  });
  await measure('download_mib_s', async () => {
    const ms = await page.evaluate((name) => engine.downloadAndCompare(name), file.name);
    return rounded(FILE_MIB / (ms / 1000));
  });
  await measure('locate_100gib_ms', async () =>
    rounded(await page.evaluate((gib) => engine.locateLastChunk(gib), LONG_FILE_GIB)),
  );
  await measure('small_files_s', async () => {
    const ms = await page.evaluate(
      ([count, size]) => engine.uploadMany('small files', count, size),
      [SMALL_FILES, SMALL_FILE_BYTES] as const,
    );
    return rounded(ms / 1000);
  });
}

/** Fills the folder whose listing is timed on screen. */
export async function fillLargeFolder(page: Page): Promise<void> {
  await page.evaluate(([folder, count]) => engine.uploadMany(folder, count, 0), [
    LARGE_FOLDER,
    LISTED_FILES,
  ] as const);
}

export async function measureHeap(
  page: Page,
  profile: Profile,
  measure: Measure,
  details: Results,
): Promise<void> {
  const file = randomFile(HEAP_FILE_MIB);
  await page.locator('#files').setInputFiles(file.path);
  await measure('heap_peak_mb', async () => {
    const watch = await HeapWatch.start(profile.folder);
    await page.evaluate(() => engine.uploadPicked());
    const peaks = watch.stop();
    for (const [realm, megabytes] of peaks) details.set(realm, rounded(megabytes));
    return rounded(Math.max(...peaks.values()));
  });
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Random bytes of this length in the temporary folder, made once. */
export function randomFile(mib: number): { path: string; name: string } {
  const folder = join(tmpdir(), 'pyrgos-media-1');
  const name = `random-${String(mib)}-mib.bin`;
  const path = join(folder, name);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const partial = `${path}.${String(process.pid)}`;
    const target = openSync(partial, 'w');
    const piece = new Uint8Array(8 * MIB);
    for (let written = 0; written < mib * MIB; written += piece.length) {
      writeSync(target, randomFillSync(piece));
    }
    closeSync(target);
    renameSync(partial, path);
  }
  return { path, name };
}
