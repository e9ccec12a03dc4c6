/** What a viewer shows is decided by the bytes; a wrong kind has a way out; keys are the medium's. */
import type { Page } from '@playwright/test';
import { countedFilm, shownFrame } from '../media/films.ts';
import {
  closeViewer,
  goTo,
  lookAs,
  seesText,
  textFrame,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>';
const SJIS = Buffer.from('82b182ea82cd93fa967b8cea82cc83818382820a', 'hex').subarray(0, 18);

test('files are shown as what they are, whatever their names and labels say', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [
    fixtureFiles.file('bmw.txt', 'BMW, Audi, Porsche: a list of cars'),
    fixtureFiles.file('id3.txt', 'ID3 tags of songs'),
    fixtureFiles.file('latin1.txt', Buffer.from('Größe: 12\n', 'latin1')),
    fixtureFiles.file('sjis.txt', SJIS),
    fixtureFiles.file('utf16.txt', Buffer.from('\ufeffzweite Zeile', 'utf16le')),
    fixtureFiles.file('upper.SVG', SVG),
    fixtureFiles.file('comment.svg', `<!-- made by x -->\n${SVG}`),
    fixtureFiles.file('report.pdf', '%PDF-1.4\n%\u00e2\u00e3\n1 0 obj\n'),
    fixtureFiles.file('cut.png', picture(20, 20, [1, 2, 3]).subarray(0, 40)),
  ]);
  await transfersEnd(page);
  for (const [name, words] of [
    ['bmw.txt', 'BMW, Audi, Porsche: a list of cars'],
    ['id3.txt', 'ID3 tags of songs'],
    ['latin1.txt', 'Größe: 12'],
    ['sjis.txt', 'これは日本語のメモ'],
    ['utf16.txt', 'zweite Zeile'],
  ] as const) {
    await open(page, name);
    await seesText(page, words);
    await closeViewer(page);
  }
  for (const name of ['upper.SVG', 'comment.svg']) {
    await open(page, name);
    await expect(viewer(page).getByRole('img', { name })).toHaveJSProperty('naturalWidth', 40);
    await closeViewer(page);
  }
  for (const [name, words] of [
    ['report.pdf', 'Document · PDF'],
    ['cut.png', 'Image · PNG'],
  ] as const) {
    await open(page, name);
    await expect(viewer(page).getByText(words)).toBeVisible();
    await expect(viewer(page).getByRole('document')).toBeHidden();
    const saved = page.waitForEvent('download');
    await viewer(page).getByRole('button', { name: 'Download' }).last().click();
    expect((await saved).suggestedFilename()).toBe(name);
    await lookAs(page, 'Bytes');
    await expect(viewer(page).getByRole('document', { name: 'Bytes of the file' })).toBeVisible();
    await closeViewer(page);
  }
});

test('another encoding and another look can be chosen', async ({ page, site, fixtureFiles }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [
    fixtureFiles.file('note.txt', Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2])),
    fixtureFiles.file('red.png', picture(30, 20, [200, 0, 0])),
  ]);
  await transfersEnd(page);
  await open(page, 'note.txt');
  const encoding = textFrame(page).getByRole('combobox', { name: 'Text encoding' });
  await expect(encoding).toContainText('Windows-1251');
  await seesText(page, 'Привет');
  await encoding.selectOption('read:koi8-r');
  await seesText(page, 'оПХБЕР');
  await lookAs(page, 'Image');
  await expect(viewer(page).getByText(/cannot show this picture/)).toBeVisible();
  await lookAs(page, 'Text');
  await seesText(page, 'Привет');
  await closeViewer(page);
  await open(page, 'red.png');
  await viewer(page).getByRole('button', { name: 'Details' }).click();
  await expect(viewer(page).getByText('30 × 20 pixels')).toBeVisible();
  await closeViewer(page);
});

test('in a film the keys are the film’s, and help says which', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  const film = await countedFilm('mp4', 20);
  await pickFiles(page, [film, fixtureFiles.file('z last.txt', 'The last one.')]);
  await transfersEnd(page);
  await open(page, 'counted-20.mp4');
  const video = viewer(page).locator('video');
  await expect(video).toHaveJSProperty('readyState', 4);
  const { keyboard } = page;
  await keyboard.press('ArrowRight');
  await expect(video).toHaveJSProperty('currentTime', 5);
  await keyboard.press('ArrowLeft');
  await expect(video).toHaveJSProperty('currentTime', 0);
  await keyboard.press('ArrowDown');
  await expect.poll(() => volumeOf(page)).toBeCloseTo(0.95, 2);
  await keyboard.press('m');
  await expect(video).toHaveJSProperty('muted', true);
  await keyboard.press('Space');
  await expect(video).toHaveJSProperty('paused', false);
  await keyboard.press('Space');
  await expect(video).toHaveJSProperty('paused', true);
  await expect(video).toHaveJSProperty('seeking', false);
  const before = await shownFrame(video);
  await keyboard.press('.');
  await expect.poll(() => shownFrame(video)).toBe(before + 1);
  await keyboard.press(',');
  await expect.poll(() => shownFrame(video)).toBe(before);
  await keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  await expect(help.getByText('One frame back or forward')).toBeVisible();
  await expect(help.getByText('Move to trash')).toBeHidden();
  await keyboard.press('Escape');
  await expect(help).toBeHidden();
  await keyboard.press('Shift+N');
  await seesText(page, 'The last one.');
  await closeViewer(page);
  for (const screen of ['Settings', 'Trash'] as const) {
    await goTo(page, screen);
    await keyboard.press('?');
    await expect(help).toBeVisible();
    await keyboard.press('Escape');
    await expect(help).toBeHidden();
  }
});

test('a family of emoji is not cut where a long line is', async ({ page, site, fixtureFiles }) => {
  // Where no service worker answers there are no frames, and the page itself shows texts.
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'serviceWorker', { value: undefined });
  });
  await page.goto(site.root);
  await seesDrive(page);
  const family = '👩‍👩‍👧‍👦';
  await pickFiles(page, [fixtureFiles.file('e.txt', `a${family.repeat(2_000)}`)]);
  await transfersEnd(page);
  await open(page, 'e.txt');
  const lines = viewer(page).locator('.line span');
  await expect(lines.first()).toBeVisible();
  for (const [at, text] of (await lines.allTextContents()).entries()) {
    expect(text.replaceAll(family, '')).toBe(at === 0 ? 'a' : '');
  }
});

function volumeOf(page: Page): Promise<number> {
  return viewer(page)
    .locator('video')
    .evaluate((it: HTMLVideoElement) => it.volume);
}
