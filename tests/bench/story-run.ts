/** A person's first quarter of an hour, act by act, and how long the page is busy at a stretch. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { closeViewer, enter, transfersEnd, viewer } from '../browser/pages/drive-page.ts';
import { longestTask } from '../browser/long-tasks.ts';
import { noise, picture, FixtureFiles } from '../browser/fixture-files.ts';
import { entry, open, pickFiles, signUp, type Person } from '../browser/pages/account-page.ts';
import { Profile } from '../browser/profile.ts';
import { countedFilm } from '../media/films.ts';

const CLARA: Person = { username: 'clara', password: 'marble-orchard-5-kettles-sing' };
const SMALL_FILES = 3_000;
const SMALL_FILE_BYTES = 1_000;
const FOLDER = 'many small files';
const UPLOAD_TIMEOUT_MS = 240_000;
/** What an operation leaves to be done belongs to it. */
const SETTLE_MS = 500;

/** The most that one task of all acts computes; that of each is told on stderr. */
export async function storyTaskMs(url: string, slowdown: number): Promise<number> {
  const profile = new Profile();
  const fixtureFiles = new FixtureFiles();
  try {
    const page = await profile.page();
    let longest = 0;
    for (const [name, act] of await storyOf(page, url, fixtureFiles)) {
      const acted = async (): Promise<void> => {
        await act();
        await page.waitForTimeout(SETTLE_MS);
      };
      const { ms, computingMs } = await longestTask(page, acted, { slowdown });
      console.error(`  ${name}: ${String(computingMs)}, with the waits for a core: ${String(ms)}`);
      longest = Math.max(longest, computingMs);
    }
    return longest;
  } finally {
    await profile.destroy();
    fixtureFiles.remove();
  }
}

type Act = readonly [name: string, act: () => Promise<void>];

async function storyOf(
  page: Page,
  url: string,
  fixtureFiles: FixtureFiles,
): Promise<readonly Act[]> {
  const few = await fewFiles(fixtureFiles);
  for (let at = 0; at < SMALL_FILES; at++) {
    const name = `small ${String(at).padStart(4, '0')}.bin`;
    fixtureFiles.file(`${FOLDER}/${name}`, noise(name, SMALL_FILE_BYTES));
  }
  return [
    ['the first page', async () => void (await page.goto(url))],
    ['signing up', () => signUp(page, CLARA)],
    [
      'a few files',
      async () => {
        await pickFiles(page, few);
        await entry(page, 'film.mp4').waitFor();
        await transfersEnd(page);
      },
    ],
    ['a picture', () => look(page, 'picture 3.png', 'img.drawn')],
    ['a text', () => look(page, 'letter.txt', 'text=/river/ >> nth=0')],
    ['a film', () => look(page, 'film.mp4', 'video')],
    [
      `${String(SMALL_FILES)} small files`,
      async () => {
        await page.locator('#pick-folder').setInputFiles(fixtureFiles.path(FOLDER));
        await entry(page, FOLDER).waitFor({ timeout: UPLOAD_TIMEOUT_MS });
        await transfersEnd(page, UPLOAD_TIMEOUT_MS);
      },
    ],
    ['their folder', () => enter(page, FOLDER)],
    [
      'selecting all',
      async () => {
        await page.getByRole('grid').focus();
        await page.keyboard.press('ControlOrMeta+a');
        await page.locator('[data-index][aria-selected=true]').nth(5).waitFor();
      },
    ],
    ['selecting none', () => page.keyboard.press('Escape')],
  ];
}

async function fewFiles(fixtureFiles: FixtureFiles): Promise<string[]> {
  return [
    fixtureFiles.file(
      'letter.txt',
      'The heron stands where the river forgets its name.\n'.repeat(2_000),
    ),
    ...Array.from({ length: 8 }, (_, at) =>
      fixtureFiles.file(`picture ${String(at)}.png`, picture(1600, 1200, [20 * at, 120, 200])),
    ),
    fixtureFiles.file('noise.bin', noise('noise', 6_000_000)),
    fixtureFiles.file('film.mp4', readFileSync(await countedFilm('mp4', 20))),
  ];
}

async function look(page: Page, name: string, what: string): Promise<void> {
  await open(page, name);
  await viewer(page).locator(what).waitFor();
  await page.waitForTimeout(SETTLE_MS);
  await closeViewer(page);
}
