/** A small app in its frame: how soon it is there, and how soon it follows a change of its files. */
import type { Frame, Page } from '@playwright/test';
import { ANNA, open, seesDrive, signUp } from '../browser/pages/account-page.ts';
import { Profile } from '../browser/profile.ts';
import { rounded } from './engine-run.ts';

const TITLE = 'My list';
const STARTS = 5;

export interface AppTimes {
  /** Median, of an app that was started before. */
  readonly startMs: number;
  readonly reloadMs: number;
}

/** Makes the app that "New app" makes, starts it, and saves its script in another tab. */
export async function appTimes(url: string): Promise<AppTimes> {
  const profile = new Profile();
  try {
    const page = await profile.page();
    await page.goto(url);
    await signUp(page, ANNA);
    await makeApp(page);
    const starts: number[] = [];
    for (let at = 0; at <= STARTS; at++) starts.push(await startMs(page));
    const editor = await (await profile.context()).newPage();
    await editor.goto(url);
    await seesDrive(editor);
    const reloads: number[] = [];
    await openScript(editor);
    for (let at = 0; at <= STARTS; at++) reloads.push(await reloadMs(page, editor));
    // The first one of each is of a browser that has to load what it shows.
    return { startMs: median(starts.slice(1)), reloadMs: median(reloads.slice(1)) };
  } finally {
    await profile.destroy();
  }
}

async function makeApp(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New app' }).click();
  await page.getByRole('textbox', { name: 'Its title' }).fill(TITLE);
  await page.getByRole('button', { name: 'Create' }).click();
  await open(page, 'mylist');
}

/** From the choice in the menu to the app's first paint; the app stays open. */
async function startMs(page: Page): Promise<number> {
  const close = page.getByRole('dialog', { name: /^App: / }).getByRole('button', { name: 'Close' });
  if (await close.isVisible()) await close.click();
  await page.getByRole('row', { name: /peergos-app\.json/ }).click({ button: 'right' });
  const item = page.getByRole('menuitem', { name: 'Run this app here' });
  await item.waitFor();
  const startedAt = await item.evaluate((element: HTMLElement) => {
    const now = performance.timeOrigin + performance.now();
    element.click();
    return now;
  });
  const frame = await frameOfApp(page);
  return (await firstPaintAt(frame)) - startedAt;
}

async function frameOfApp(page: Page): Promise<Frame> {
  const element = page.getByRole('dialog', { name: /^App: / }).locator('iframe');
  await page.frameLocator('iframe').getByRole('heading', { name: TITLE }).waitFor();
  const frame = await (await element.elementHandle())?.contentFrame();
  if (frame === null || frame === undefined) throw new Error('The app has no frame.');
  return frame;
}

function firstPaintAt(frame: Frame): Promise<number> {
  return frame.evaluate(async () => {
    const entries = () => performance.getEntriesByName('first-contentful-paint');
    while (entries().length === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.timeOrigin + (entries()[0]?.startTime ?? 0);
  });
}

async function openScript(editor: Page): Promise<void> {
  await open(editor, 'mylist');
  await open(editor, 'assets');
  await open(editor, 'app.js');
  await editor.frameLocator('iframe').getByRole('textbox').click();
}

/** From the key that saves to the new script's first line. */
async function reloadMs(page: Page, editor: Page): Promise<number> {
  const before = await addressOfApp(page);
  await editor.keyboard.press('Control+Home');
  await editor.keyboard.type('globalThis.ranAt = performance.timeOrigin + performance.now();\n');
  const savedAt = await editor.evaluate(() => performance.timeOrigin + performance.now());
  await editor.keyboard.press('Control+s');
  while ((await addressOfApp(page)) === before) await page.waitForTimeout(5);
  const frame = await frameOfApp(page);
  const ran = await frame.waitForFunction(() => (globalThis as { ranAt?: number }).ranAt);
  return ((await ran.jsonValue()) ?? NaN) - savedAt;
}

function addressOfApp(page: Page): Promise<string | null> {
  return page
    .getByRole('dialog', { name: /^App: / })
    .locator('iframe')
    .getAttribute('src');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? NaN);
}
