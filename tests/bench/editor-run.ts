/** A large text in the editor, from the double click to its first line on screen. */
import type { Page } from '@playwright/test';
import { entry, pickFiles, signUp, type Person } from '../browser/pages/account-page.ts';
import { closeViewer, transfersEnd, viewer } from '../browser/pages/drive-page.ts';
import { FixtureFiles } from '../browser/fixture-files.ts';
import { Profile } from '../browser/profile.ts';
import { rounded } from './engine-run.ts';

const EDDA: Person = { username: 'edda', password: 'granite-willow-8-anchors-dream' };
const TEXT_BYTES = 10_000_000;
const OPENINGS = 5;
const UPLOAD_TIMEOUT_MS = 60_000;

/** Median; the editor itself was loaded before, for a small text. */
export async function editorMs(url: string): Promise<number> {
  const profile = new Profile();
  const files = new FixtureFiles();
  try {
    const page = await profile.page();
    await page.goto(url);
    await signUp(page, EDDA);
    await pickFiles(page, [files.file('small.txt', 'One line\n'), files.file('large.txt', text())]);
    await entry(page, 'large.txt').waitFor({ timeout: UPLOAD_TIMEOUT_MS });
    await transfersEnd(page, UPLOAD_TIMEOUT_MS);
    await firstLineMs(page, 'small.txt');
    const times: number[] = [];
    for (let at = 0; at < OPENINGS; at++) times.push(await firstLineMs(page, 'large.txt'));
    console.error(`  editor: ${times.map((time) => String(rounded(time))).join(', ')}`);
    return rounded(times.sort((a, b) => a - b)[OPENINGS >> 1] ?? NaN);
  } finally {
    await profile.destroy();
    files.remove();
  }
}

/** Lines of different lengths, with letters beyond ASCII, as prose has them. */
function text(): Buffer {
  const words = 'The quick brown fox jumps over the lazy dog – “naïvely” – at noon. ';
  const lines: Buffer[] = [];
  for (let line = 1, sizeBytes = 0; sizeBytes < TEXT_BYTES; line++) {
    const length = 40 + ((line * 37) % 120);
    lines.push(Buffer.from(`${String(line)} ${words.repeat(3).slice(0, length)}\n`));
    sizeBytes += lines.at(-1)?.length ?? 0;
  }
  return Buffer.concat(lines);
}

/** What the editor notes of its first line, on one clock with the click. */
async function firstLineMs(page: Page, name: string): Promise<number> {
  const clickedMs = await entry(page, name).evaluate((element) => {
    const now = performance.timeOrigin + performance.now();
    element.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    return now;
  });
  const frame = viewer(page).frameLocator('iframe');
  const paintedMs = await frame.locator('body').evaluate(async () => {
    const find = () => performance.getEntriesByName('editor-first-line')[0];
    let mark = find();
    while (mark === undefined) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      mark = find();
    }
    return performance.timeOrigin + mark.startTime;
  });
  await closeViewer(page);
  return paintedMs - clickedMs;
}
