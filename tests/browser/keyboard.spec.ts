/** The main story with the keyboard alone: no click, no pointer. */
import type { Page } from '@playwright/test';
import { countedFilm } from '../media/films.ts';
import { tabTo } from './pages/keys.ts';
import { makeFolder, sees, seesText, transfersEnd, viewer } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { ANNA, entry, hasOldPicker, pickFiles, seesDrive, signUp } from './pages/account-page.ts';

/** After this long the next letter begins a new name. */
const TYPE_AHEAD_MS = 800;

test('sign up, upload, look, arrange, delete and sign out by keys', async ({
  page,
  site,
  fixtureFiles,
}) => {
  const { keyboard } = page;
  await hasOldPicker(page);
  await page.goto(site.root);
  await test.step('sign up', async () => {
    await tabTo(page, 'textbox', 'Name');
    await keyboard.type(ANNA.username);
    await tabTo(page, 'textbox', 'Password');
    await keyboard.type(ANNA.password);
    await keyboard.press('Enter');
    await seesDrive(page);
  });
  await test.step('upload', async () => {
    const asked = page.waitForEvent('filechooser');
    await keyboard.press('Alt+u');
    await (
      await asked
    ).setFiles([
      fixtureFiles.file('a picture.png', picture(60, 40, [9, 9, 200])),
      fixtureFiles.file('b words.txt', 'Words by hand.'),
      await countedFilm('mp4', 20),
    ]);
    await sees(page, ['a picture.png', 'b words.txt', 'counted-20.mp4']);
    await transfersEnd(page);
  });
  await test.step('a folder by its menu', async () => {
    await tabTo(page, 'button', 'New');
    await keyboard.press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
    await keyboard.press('Home');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await expect(page.getByRole('menuitem', { name: 'New folder' })).toBeFocused();
    await keyboard.press('Enter');
    await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('z folder');
    await keyboard.press('Enter');
    await sees(page, ['z folder', 'a picture.png', 'b words.txt', 'counted-20.mp4']);
  });
  await test.step('through the list, into viewers and on to neighbours', () => lookAround(page));
  await test.step('rename, cut and paste, delete and undo', () => arrange(page));
  await test.step('sign out', async () => {
    await tabTo(page, 'button', 'Account of anna');
    await keyboard.press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
    await keyboard.press('End');
    await keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  });
});

test('every key of the files does what the help says', async ({ page, site, fixtureFiles }) => {
  const { keyboard } = page;
  await page.goto(site.root);
  await signUp(page, ANNA);
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'];
  await pickFiles(
    page,
    names.map((name) => fixtureFiles.file(name, name)),
  );
  await makeFolder(page, 'box');
  await sees(page, ['box', ...names]);
  await transfersEnd(page);
  await tabTo(page, 'grid', 'Files and folders');
  await test.step('arrows, Home and End move; Shift takes what lies between', async () => {
    await keyboard.press('Home');
    await selected(page, ['box']);
    await keyboard.press('ArrowDown');
    await selected(page, ['a.txt']);
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Shift+ArrowDown');
    await selected(page, ['a.txt', 'b.txt', 'c.txt']);
    await keyboard.press('Shift+ArrowUp');
    await selected(page, ['a.txt', 'b.txt']);
    await keyboard.press('Shift+End');
    await selected(page, names);
    await keyboard.press('ArrowUp');
    await selected(page, ['d.txt']);
    await keyboard.press('Space');
    await selected(page, []);
  });
  await test.step('all and none', async () => {
    await keyboard.press('ControlOrMeta+a');
    await selected(page, ['box', ...names]);
    await expect(page.getByRole('status').filter({ hasText: '6 selected' })).toBeVisible();
    await keyboard.press('Escape');
    await selected(page, []);
  });
  await test.step('copy and paste', async () => {
    await keyboard.press('Home');
    await keyboard.press('ArrowDown');
    await keyboard.press('ControlOrMeta+c');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    await expect(page.getByText('This folder is empty')).toBeVisible();
    await keyboard.press('ControlOrMeta+v');
    await sees(page, ['a.txt']);
    await keyboard.press('Backspace');
    await sees(page, ['box', ...names]);
  });
  await test.step('search, and back to what was found', async () => {
    await keyboard.press('/');
    await expect(page.getByRole('search').getByRole('textbox')).toBeFocused();
    await keyboard.type('c.t');
    await sees(page, ['c.txt']);
    await keyboard.press('Enter');
    await selected(page, ['c.txt']);
    await expect(page.getByRole('grid')).toBeFocused();
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    await sees(page, ['box', ...names]);
  });
  await test.step('in the grid, arrows go sideways too', async () => {
    await page.getByRole('button', { name: 'Grid', exact: true }).click();
    await page.getByRole('grid').focus();
    await keyboard.press('Home');
    await keyboard.press('ArrowRight');
    await selected(page, ['a.txt']);
    await keyboard.press('ArrowLeft');
    await selected(page, ['box']);
    await keyboard.press('Escape');
  });
  await test.step('the help', async () => {
    await keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
    await keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(page.getByRole('grid')).toBeFocused();
  });
});

async function lookAround(page: Page): Promise<void> {
  const { keyboard } = page;
  await tabTo(page, 'grid', 'Files and folders');
  await keyboard.type('b w');
  await isSelected(page, 'b words.txt');
  await page.waitForTimeout(TYPE_AHEAD_MS);
  await keyboard.type('a');
  await keyboard.press('Enter');
  await expect(viewer(page).getByRole('img', { name: 'a picture.png' })).toBeVisible();
  await keyboard.press('ArrowRight');
  await seesText(page, 'Words by hand.');
  // In a text a capital N is a letter.
  await keyboard.press('Alt+PageDown');
  const video = viewer(page).locator('video');
  await expect.poll(() => video.evaluate((it: HTMLVideoElement) => it.readyState)).toBe(4);
  await keyboard.press('l');
  await expect.poll(() => video.evaluate((it: HTMLVideoElement) => it.currentTime)).toBe(10);
  await keyboard.press('k');
  await expect(video).toHaveJSProperty('paused', false);
  await keyboard.press('k');
  await expect(video).toHaveJSProperty('paused', true);
}

/** Every key is for the files the moment a viewer or a dialog has gone: nothing is waited for. */
async function arrange(page: Page): Promise<void> {
  const { keyboard } = page;
  const name = page.getByRole('dialog').getByRole('textbox');
  await keyboard.press('Escape');
  await keyboard.type('b');
  await keyboard.press('F2');
  await expect(viewer(page)).toBeHidden();
  await expect(name).toBeFocused();
  await expect(name).toHaveValue('b words.txt');
  await keyboard.press('Escape');
  await keyboard.type('a');
  await keyboard.press('Enter');
  await expect(viewer(page).getByRole('img', { name: 'a picture.png' })).toBeVisible();
  await keyboard.press('Escape');
  await keyboard.type('b');
  await keyboard.press('F2');
  await expect(name).toHaveValue('b words.txt');
  await keyboard.type('c letters'); // the part before the extension is selected
  await keyboard.press('Enter');
  await sees(page, ['z folder', 'a picture.png', 'c letters.txt', 'counted-20.mp4']);
  await expect(page.getByRole('dialog')).toBeHidden();
  await keyboard.type('a');
  await isSelected(page, 'a picture.png');
  await page.waitForTimeout(TYPE_AHEAD_MS);
  await keyboard.type('c');
  await isSelected(page, 'c letters.txt');
  await keyboard.press('ControlOrMeta+x');
  await keyboard.press('Home');
  await keyboard.press('Enter');
  await expect(page.getByText('This folder is empty')).toBeVisible();
  await keyboard.press('ControlOrMeta+v');
  await sees(page, ['c letters.txt']);
  await keyboard.press('Alt+ArrowUp');
  await sees(page, ['z folder', 'a picture.png', 'counted-20.mp4']);
  await tabTo(page, 'grid', 'Files and folders');
  await keyboard.type('a');
  await isSelected(page, 'a picture.png');
  await keyboard.press('Delete');
  await sees(page, ['z folder', 'counted-20.mp4']);
  await keyboard.press('ControlOrMeta+z');
  await sees(page, ['z folder', 'a picture.png', 'counted-20.mp4']);
}

/** These and no others. */
async function selected(page: Page, names: readonly string[]): Promise<void> {
  const rows = page.locator('[data-index][aria-selected=true]');
  await expect(rows).toHaveCount(names.length);
  await expect(rows.locator('bdi')).toHaveText([...names]);
}

async function isSelected(page: Page, name: string): Promise<void> {
  await expect(entry(page, name)).toHaveAttribute('aria-selected', 'true');
}
