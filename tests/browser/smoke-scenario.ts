/**
 * What a person does on the first day with a drive, act by act: the same acts on a drive in this
 * browser and on one at a server.
 */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { countedFilm } from '../media/films.ts';
import {
  act,
  bring,
  closeViewer,
  enter,
  goTo,
  goUp,
  lookAs,
  makeFolder,
  rename,
  sees,
  seesText,
  transfersEnd,
  undo,
  viewer,
} from './pages/drive-page.ts';
import { dropPaths } from './devtools.ts';
import { expect } from './fixtures.ts';
import { noise, picture, type FixtureFiles } from './fixture-files.ts';
import { ANNA, entry, open } from './pages/account-page.ts';

const SECRET_WORDS = 'The heron stands where the river forgets its name.';
export const LETTER = 'letter to marguerite.txt';
const PICTURE = 'harbour at dusk.png';
export const BYTES = 'unheard melody.bin';
export const FILM = 'birthday of aurelia.mp4';
export const FOLDER = 'papers of the lighthouse';
export const NEEDLES = [SECRET_WORDS, LETTER, PICTURE, BYTES, FILM, FOLDER, ANNA.password];

export async function dropEverything(page: Page, fixtureFiles: FixtureFiles): Promise<void> {
  const film = await countedFilm('mp4', 20);
  const paths = [
    fixtureFiles.file(LETTER, `${SECRET_WORDS}\n`.repeat(3)),
    fixtureFiles.file(PICTURE, picture(640, 400, [10, 120, 200])),
    fixtureFiles.file(BYTES, noise(BYTES, 6_000_000)),
    fixtureFiles.file(FILM, readFileSync(film)),
  ];
  await dropPaths(page, 'main', paths);
  await transfersEnd(page);
  await sees(page, [LETTER, PICTURE, BYTES, FILM]);
  for (const name of [PICTURE, FILM]) await expect(entry(page, name).locator('img')).toBeVisible();
  fixtureFiles.file(`${FOLDER}/log/march/gale.txt`, 'Force nine.');
  fixtureFiles.file(`${FOLDER}/index.txt`, 'Index.');
  fixtureFiles.emptyFolder(`${FOLDER}/log/april`);
  await dropPaths(page, 'main', [fixtureFiles.path(FOLDER)]);
  await expect(entry(page, FOLDER)).toBeVisible();
  await transfersEnd(page);
  await enter(page, FOLDER);
  await sees(page, ['log', 'index.txt']);
  await enter(page, 'log');
  await sees(page, ['march', 'april']);
  await enter(page, 'april');
  await expect(page.getByText('This folder is empty')).toBeVisible();
  await goUp(page, 'log');
  await enter(page, 'march');
  await sees(page, ['gale.txt']);
  await goUp(page, 'Home');
}

export async function lookAtAll(page: Page): Promise<void> {
  await open(page, PICTURE);
  const image = viewer(page).getByRole('img', { name: PICTURE });
  await expect(image).toHaveClass(/drawn/);
  expect(await image.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBe(640);
  await closeViewer(page);
  await open(page, LETTER);
  await seesText(page, SECRET_WORDS);
  await closeViewer(page);
  await open(page, BYTES);
  await lookAs(page, 'Bytes');
  const first = [...noise(BYTES, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  await expect(viewer(page).getByText(first)).toBeVisible();
  await closeViewer(page);
  await open(page, FILM);
  await plays(page);
  await closeViewer(page);
}

export async function plays(page: Page): Promise<void> {
  const video = viewer(page).locator('video');
  await expect(video).toHaveJSProperty('readyState', 4);
  const before = await video.evaluate((it: HTMLVideoElement) => it.currentTime);
  await viewer(page).getByRole('button', { name: 'Play' }).click();
  await expect
    .poll(() => video.evaluate((it: HTMLVideoElement) => it.currentTime))
    .toBeGreaterThan(before + 0.5);
}

export async function arrange(page: Page): Promise<void> {
  await makeFolder(page, 'attic');
  await expect(entry(page, 'attic')).toBeVisible();
  await rename(page, 'attic', 'cellar');
  await sees(page, [LETTER, PICTURE, BYTES, FILM, FOLDER, 'cellar']);
  await bring(page, PICTURE, 'Copy', 'cellar');
  await expect(page.getByText('1 item copied.')).toBeVisible();
  await bring(page, BYTES, 'Move', 'cellar');
  await sees(page, [LETTER, PICTURE, FILM, FOLDER, 'cellar']);
  await enter(page, 'cellar');
  await sees(page, [PICTURE, BYTES]);
  await goUp(page, 'Home');
}

export async function throwAway(page: Page): Promise<void> {
  await act(page, LETTER, 'Move to trash');
  await sees(page, [PICTURE, FILM, FOLDER, 'cellar']);
  await undo(page, 'moved to the trash');
  await sees(page, [LETTER, PICTURE, FILM, FOLDER, 'cellar']);
  await act(page, LETTER, 'Move to trash');
  await act(page, PICTURE, 'Move to trash');
  await sees(page, [FILM, FOLDER, 'cellar']);
  await goTo(page, 'Trash');
  const row = page.getByRole('listitem').filter({ hasText: LETTER });
  await row.getByRole('button', { name: 'Restore' }).click();
  await expect(row).toBeHidden();
  await page.getByRole('button', { name: 'Empty trash' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Empty trash' }).click();
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await goTo(page, 'Drive');
  await sees(page, [LETTER, FILM, FOLDER, 'cellar']);
}

export async function seesEverything(page: Page): Promise<void> {
  await sees(page, [LETTER, FILM, FOLDER, 'cellar']);
  await open(page, LETTER);
  await seesText(page, SECRET_WORDS);
  await closeViewer(page);
}
