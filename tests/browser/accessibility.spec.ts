/** Every screen passes axe: light and dark, on a desk and on a phone. */
import type { Page } from '@playwright/test';
import { countedFilm } from '../media/films.ts';
import {
  act,
  enter,
  goTo,
  lookAs,
  makeFolder,
  sees,
  signOut,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { inEverySize, isClean, SIZES } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import { noise, picture, type FixtureFiles } from './fixture-files.ts';
import {
  ANNA,
  entry,
  fillIn,
  open,
  pickFiles,
  seesDrive,
  signUp,
  toSignInForm,
  typeInto,
} from './pages/account-page.ts';

type Screen = readonly [name: string, show: (page: Page) => Promise<void>];

const SCREENS: readonly Screen[] = [
  ['list', (page) => seesList(page)],
  ['selection', selectOne],
  ['details', showDetails],
  ['menu of an entry', (page) => entry(page, 'words.txt').click({ button: 'right' })],
  ['menu of what is new', (page) => page.getByRole('button', { name: 'New', exact: true }).click()],
  ['menu of the account', (page) => page.getByRole('button', { name: /^Account of/ }).click()],
  ['where the files are', showShield],
  ['sorting', (page) => page.getByRole('button', { name: 'Sort' }).click()],
  ['new folder', (page) => page.keyboard.press('Alt+n')],
  ['refused name', showRefusedName],
  ['folder picker', (page) => act(page, 'words.txt', 'Move to…')],
  ['conflict', (page) => pickFiles(page, [words])],
  ['help', (page) => page.keyboard.press('?')],
  [
    'filter without a match',
    (page) => typeInto(page.getByRole('search').getByRole('textbox'), 'zzz'),
  ],
  ['empty folder', (page) => enter(page, 'box')],
  ['folder with a long name', (page) => enter(page, LONG_NAME)],
  ['image', (page) => openFile(page, 'picture.png', 'img')],
  ['text', (page) => openFile(page, 'words.txt', 'iframe')],
  ['no viewer', (page) => openFile(page, 'noise.bin', 'h2')],
  [
    'bytes',
    async (page) => {
      await openFile(page, 'noise.bin', 'h2');
      await lookAs(page, 'Bytes');
      await expect(viewer(page).getByRole('document')).toBeVisible();
    },
  ],
  ['film', (page) => openFile(page, 'counted-20.mp4', 'video')],
  ['broken image', (page) => openFile(page, 'broken.png', 'h2')],
  ['transfers', showTransfers],
  ['trash', (page) => goTo(page, 'Trash')],
  ['question in the trash', askInTrash],
  ['settings', (page) => goTo(page, 'Settings')],
];

/** Longer than any screen is wide. */
const LONG_NAME = `a name ${'at great length '.repeat(12)}`.trim();

let words = '';

test('the screens before sign-in are clean', async ({ page, site }) => {
  test.setTimeout(300_000);
  await page.goto(site.root);
  await expect(page.getByRole('heading', { name: 'Create your drive' })).toBeVisible();
  await inEverySize(page, 'sign up');
  await fillIn(page, { username: 'No', password: 'password' }, true);
  await page.getByRole('button', { name: 'Suggest seven words' }).click();
  await page.getByRole('button', { name: 'Create drive' }).click();
  await expect(page.locator('.note.wrong').first()).toBeVisible();
  await inEverySize(page, 'sign up, refused');
  await page.reload();
  await signUp(page, ANNA);
  await inEverySize(page, 'empty drive');
  await goTo(page, 'Trash');
  await expect(page.getByText('The trash is empty')).toBeVisible();
  await inEverySize(page, 'empty trash');
  await signOut(page);
  await inEverySize(page, 'known accounts');
  await toSignInForm(page);
  await fillIn(page, { ...ANNA, password: 'wrong' }, true);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await inEverySize(page, 'sign in, refused');
});

test.describe('signed in', () => {
  test.use({ isSignedUp: true });

  for (const size of SIZES) {
    test(
      `every screen of the drive is clean, ${String(size.width)} wide`,
      LONG,
      async ({ page, site, fixtureFiles, noConsoleErrors }) => {
        test.setTimeout(300_000);
        noConsoleErrors.allow(/broken\.png|_file\//);
        await page.goto(site.root);
        await seesDrive(page);
        await fill(page, fixtureFiles);
        await page.setViewportSize(size);
        for (const [name, show] of SCREENS) {
          await test.step(name, async () => {
            await show(page);
            await isClean(page, `${name}, ${String(size.width)} wide`);
            await leave(page);
          });
        }
        await page.getByRole('button', { name: 'Grid' }).click();
        await expect(page.locator('.grid')).toBeVisible();
        await isClean(page, `grid, ${String(size.width)} wide`);
      },
    );
  }
});

async function fill(page: Page, fixtureFiles: FixtureFiles): Promise<void> {
  words = fixtureFiles.file('words.txt', 'Some words.\n'.repeat(200));
  await makeFolder(page, 'box');
  await makeFolder(page, LONG_NAME);
  await makeFolder(page, 'thrown');
  await act(page, 'thrown', 'Move to trash');
  await pickFiles(page, [
    words,
    fixtureFiles.file('picture.png', picture(900, 600, [90, 140, 60])),
    fixtureFiles.file('noise.bin', noise('axe', 100_000)),
    fixtureFiles.file('broken.png', Buffer.concat([picture(4, 4, [1, 2, 3]).subarray(0, 30)])),
    await countedFilm('mp4', 20),
  ]);
  await sees(page, [
    'box',
    LONG_NAME,
    'words.txt',
    'picture.png',
    'noise.bin',
    'broken.png',
    'counted-20.mp4',
  ]);
  await transfersEnd(page);
}

async function openFile(page: Page, name: string, selector: string): Promise<void> {
  await open(page, name);
  await expect(viewer(page).locator(selector).first()).toBeVisible();
}

async function seesList(page: Page): Promise<void> {
  await expect(entry(page, 'words.txt')).toContainText('kB');
}

async function selectOne(page: Page): Promise<void> {
  await page.getByRole('grid').press('End');
  await expect(page.getByText('1 selected')).toBeVisible();
}

async function showDetails(page: Page): Promise<void> {
  await act(page, 'picture.png', 'Details');
  await expect(page.getByRole('complementary', { name: 'Details' })).toBeVisible();
}

async function showShield(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Where your files are/ }).click();
  await expect(page.getByRole('heading', { name: 'Where your files are' })).toBeVisible();
}

async function showRefusedName(page: Page): Promise<void> {
  await page.keyboard.press('Alt+n');
  await typeInto(page.getByRole('dialog').getByRole('textbox'), 'a/b');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/cannot contain/)).toBeVisible();
}

async function showTransfers(page: Page): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: 'Transfers' })
    .click();
  await expect(page.getByRole('region', { name: 'Transfers' })).toBeVisible();
}

async function askInTrash(page: Page): Promise<void> {
  await goTo(page, 'Trash');
  await page.getByRole('button', { name: 'Empty trash' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

/** Back to the top of the drive with nothing open and nothing selected. */
async function leave(page: Page): Promise<void> {
  const layers = page.locator('[role=dialog], [role=menu]');
  await expect(async () => {
    if ((await layers.count()) > 0) await page.keyboard.press('Escape');
    expect(await layers.count()).toBe(0);
  }).toPass();
  // On a phone the details lie over what is below.
  const details = page.getByRole('complementary', { name: 'Details' });
  if (await details.isVisible()) await details.getByRole('button', { name: 'Close' }).click();
  for (const name of ['Hide transfers', 'Clear selection', 'Clear filter']) {
    const button = page.getByRole('button', { name }).first();
    // It may go by itself while the layer above it closes.
    if (await button.isVisible()) await button.click({ timeout: 2_000 }).catch(() => undefined);
  }
  await goTo(page, 'Drive');
  await expect(entry(page, 'words.txt')).toBeVisible();
}
