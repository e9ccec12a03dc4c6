/** PDF files in the viewer, from the double click to the first page that is drawn. */
import { statSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { entry, pickFiles, signUp, type Person } from '../browser/pages/account-page.ts';
import { closeViewer, transfersEnd, viewer } from '../browser/pages/drive-page.ts';
import { FixtureFiles } from '../browser/fixture-files.ts';
import { Profile } from '../browser/profile.ts';
import { textPdf, writePicturesPdf } from '../media/pdf-files.ts';
import { rounded } from './engine-run.ts';

const DORA: Person = { username: 'dora', password: 'granite-willow-8-anchors-dream' };
const LARGE_PAGES = 400;
/** One byte a pixel: 400 of them are 200 MB. */
const SIDE_PX = 708;
const UPLOAD_TIMEOUT_MS = 120_000;

export interface PdfTimes {
  readonly smallMs: number;
  readonly largeMs: number;
  /** Read of the large file until its first page was drawn. */
  readonly largeBytes: number;
}

/** The first file is opened twice: once to have the viewer's program, which is not measured. */
export async function pdfTimes(url: string): Promise<PdfTimes> {
  const profile = new Profile();
  const files = new FixtureFiles();
  try {
    const large = files.path('large.pdf');
    await writePicturesPdf(large, LARGE_PAGES, SIDE_PX);
    console.error(`  large.pdf: ${String(statSync(large).size)} bytes`);
    const page = await profile.page();
    await page.goto(url);
    await signUp(page, DORA);
    await pickFiles(page, [files.file('small.pdf', textPdf([['One page']])), large]);
    await entry(page, 'large.pdf').waitFor({ timeout: UPLOAD_TIMEOUT_MS });
    await transfersEnd(page, UPLOAD_TIMEOUT_MS);
    await firstPage(page, 'small.pdf');
    const small = await firstPage(page, 'small.pdf');
    const shown = await firstPage(page, 'large.pdf');
    return { smallMs: small.ms, largeMs: shown.ms, largeBytes: shown.readBytes };
  } finally {
    await profile.destroy();
    files.remove();
  }
}

/** What the viewer notes of its first page, on one clock with the click. */
async function firstPage(page: Page, name: string): Promise<{ ms: number; readBytes: number }> {
  const clickedMs = await entry(page, name).evaluate((element) => {
    const now = performance.timeOrigin + performance.now();
    element.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    return now;
  });
  const frame = viewer(page).frameLocator('iframe');
  const { drawnMs, readBytes } = await frame.locator('body').evaluate(async () => {
    const find = () =>
      performance.getEntriesByName('pdf-first-page')[0] as PerformanceMark | undefined;
    let mark = find();
    while (mark === undefined) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      mark = find();
    }
    const detail = mark.detail as { readBytes: number };
    return { drawnMs: performance.timeOrigin + mark.startTime, ...detail };
  });
  await closeViewer(page);
  return { ms: rounded(drawnMs - clickedMs), readBytes };
}
