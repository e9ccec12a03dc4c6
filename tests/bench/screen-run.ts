/** What a person waits for at the screens, timed inside the page from the click to the pixels. */
import type { Page } from '@playwright/test';
import {
  entry,
  fillIn,
  open,
  pickFiles,
  seesDrive,
  signUp,
  toSignInForm,
  type Person,
} from '../browser/pages/account-page.ts';
import { longestTask } from '../browser/long-tasks.ts';
import type { Profile } from '../browser/profile.ts';
import { longFilm } from '../media/films.ts';
import { LARGE_FOLDER, rounded } from './engine-run.ts';
import { medianSeekMs } from './seeks.ts';

const FILM_TIMEOUT_MS = 120_000;
/** What opening left to be done must not count as scrolling. */
const SETTLE_MS = 2_000;
const FRAME_MS = 33;

/** From the click on "Sign in" to the first row of the drive. */
export async function signInMs(page: Page, url: string, person: Person): Promise<number> {
  await page.goto(url);
  await toSignInForm(page);
  await fillIn(page, person, false);
  const ms = await page.evaluate(async () => {
    const button = document.querySelector<HTMLButtonElement>('button[type=submit]');
    const start = performance.now();
    button?.click();
    while (document.querySelector('[data-index]') === null) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - start;
  });
  await seesDrive(page);
  return rounded(ms);
}

/** From the double click on a folder of 10,000 entries to its first rows. */
export async function listMs(page: Page): Promise<number> {
  const row = entry(page, LARGE_FOLDER);
  await row.waitFor();
  const ms = await row.evaluate(async (element) => {
    const start = performance.now();
    element.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    const isThere = (): boolean =>
      document.querySelector('[data-index="0"]')?.textContent.includes('file 0') === true;
    while (!isThere()) await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - start;
  });
  return rounded(ms);
}

/** The most that one task of the page computes while that folder is scrolled by turns of the wheel. */
export async function scrollTaskMs(page: Page, slowdown: number): Promise<number> {
  await page.getByRole('grid').focus();
  await page.keyboard.press('Home');
  await page.getByRole('grid').hover();
  await page.waitForTimeout(SETTLE_MS);
  const scroll = async (): Promise<void> => {
    for (const turn of [...Array<number>(40).fill(400), ...Array<number>(20).fill(5_000)]) {
      await page.mouse.wheel(0, turn);
      await page.waitForTimeout(FRAME_MS);
    }
  };
  const { ms, computingMs } = await longestTask(page, scroll, { slowdown });
  console.error(`  with the waits for a core: ${String(ms)}`);
  return computingMs;
}

/** A film put into a drive and opened in the viewer. */
export async function seekMs(page: Page, url: string, person: Person): Promise<number> {
  const film = await longFilm();
  await page.goto(url);
  await signUp(page, person);
  await pickFiles(page, [film.path]);
  await entry(page, 'long.mp4').waitFor({ timeout: FILM_TIMEOUT_MS });
  await open(page, 'long.mp4');
  return rounded(await medianSeekMs(page.locator('video'), film.seconds));
}

/** The same film by plain HTTP, in a browser that never met the service worker. */
export async function plainSeekMs(profile: Profile, mediaUrl: string): Promise<number> {
  const film = await longFilm();
  const page = await profile.page();
  await page.goto(`${mediaUrl}long.mp4`);
  return rounded(await medianSeekMs(page.locator('video'), film.seconds));
}
