/** The tiles of a folder: what stands in for a picture, and films that play under a resting mouse. */
import type { BrowserContext, Locator, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { countedFilm } from '../media/films.ts';
import { enter, goUp, makeFolder, transfersEnd } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { picture, type FixtureFiles } from './fixture-files.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const SEA = [10, 120, 200] as const;
const PICTURE = 'harbour.png';
const FILMS = ['birthday.mp4', 'summer.mp4'] as const;

async function driveInTiles(page: Page, root: string, paths: string[]): Promise<void> {
  await page.goto(root);
  await seesDrive(page);
  await page.getByRole('button', { name: 'Grid' }).click();
  await pickFiles(page, paths);
  await transfersEnd(page);
}

async function filmsIn(fixtureFiles: FixtureFiles): Promise<string[]> {
  const film = readFileSync(await countedFilm('mp4', 20));
  return FILMS.map((name) => fixtureFiles.file(name, film));
}

const film = (page: Page, name: string): Locator => entry(page, name).locator('video');

/** To a tile, in steps as a hand does it. */
async function moveTo(page: Page, name: string): Promise<void> {
  const box = (await entry(page, name).boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3, { steps: 5 });
}

async function isMoving(video: Locator): Promise<void> {
  const time = (): Promise<number> => video.evaluate((it: HTMLVideoElement) => it.currentTime);
  await expect.poll(time).toBeGreaterThan(0.3);
}

test('a picture seen before is stood for by a placeholder that keeps its place and colour', async ({
  page,
  site,
  fixtureFiles,
}) => {
  const seaside = fixtureFiles.file(PICTURE, picture(640, 400, SEA));
  await driveInTiles(page, site.root, [seaside]);
  await makeFolder(page, 'elsewhere');
  await expect(entry(page, PICTURE).locator('img')).toHaveClass(/loaded/);
  // Made when the browser has nothing else to do.
  await page.evaluate(() => new Promise((done) => setTimeout(done, 1_000)));
  await enter(page, 'elsewhere');
  await page.evaluate(watchTile, PICTURE);
  await goUp(page, 'Home');
  await expect(entry(page, PICTURE).locator('img')).toHaveClass(/loaded/);
  await expect(entry(page, PICTURE).locator('.placeholder')).toHaveCount(0);
  const { images, boxes } = await page.evaluate(
    () => (globalThis as unknown as { seen: { images: string[]; boxes: string[] } }).seen,
  );
  expect(images).toHaveLength(1);
  expect(boxes).toHaveLength(1);
  const pixel = await page.evaluate(async (css) => {
    const image = new Image();
    image.src = /url\("(.*)"\)/.exec(css)![1]!;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    context.drawImage(image, 0, 0);
    return [...context.getImageData(image.width - 1, image.height - 1, 1, 1).data];
  }, images[0]!);
  for (const [at, value] of SEA.entries()) expect(Math.abs(pixel[at]! - value)).toBeLessThan(12);
});

/** Runs in the page: notes each placeholder of a tile, and each place its picture stands at. */
function watchTile(name: string): void {
  const images = new Set<string>();
  const boxes = new Set<string>();
  const look = (): void => {
    const tile = [...document.querySelectorAll('[data-index]')].find((it) =>
      it.textContent.includes(name),
    );
    const placeholder = tile?.querySelector('.placeholder');
    if (placeholder) images.add(getComputedStyle(placeholder).backgroundImage);
    const box = tile?.querySelector('.picture')?.getBoundingClientRect();
    if (box) boxes.add([box.x, box.y, box.width, box.height].map(Math.round).join());
    Object.assign(globalThis, { seen: { images: [...images], boxes: [...boxes] } });
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}

test.describe('with a mouse', () => {
  test('a film plays without sound while the mouse rests on it, and gives its address back', async ({
    page,
    site,
    fixtureFiles,
    noConsoleErrors,
  }) => {
    noConsoleErrors.allow(/status of 4/);
    await driveInTiles(page, site.root, await filmsIn(fixtureFiles));
    const [first, second] = FILMS;
    await moveTo(page, first);
    await isMoving(film(page, first));
    await expect(film(page, first)).toHaveJSProperty('muted', true);
    await expect(film(page, first)).toHaveClass(/playing/);
    const address = await film(page, first).evaluate((it: HTMLVideoElement) => it.currentSrc);
    await moveTo(page, second);
    await expect(film(page, first)).toHaveCount(0);
    await isMoving(film(page, second));
    await expect(page.locator('[data-index] video')).toHaveCount(1);
    await page.mouse.move(5, 5);
    await expect(page.locator('[data-index] video')).toHaveCount(0);
    await expect
      .poll(() => page.evaluate(async (url) => (await fetch(url)).status, address))
      .toBeGreaterThanOrEqual(400);
  });

  test('a mouse that only passes over a film does not start it', async ({
    page,
    site,
    fixtureFiles,
  }) => {
    await driveInTiles(page, site.root, await filmsIn(fixtureFiles));
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/_file/')) asked.push(request.url());
    });
    const [first, second] = FILMS;
    await moveTo(page, first);
    await moveTo(page, second);
    await page.mouse.move(5, 5, { steps: 5 });
    await page.waitForTimeout(1_500);
    await expect(page.locator('[data-index] video')).toHaveCount(0);
    expect(asked).toEqual([]);
  });

  test('a film that is opened stops in its tile', async ({ page, site, fixtureFiles }) => {
    await driveInTiles(page, site.root, await filmsIn(fixtureFiles));
    await moveTo(page, FILMS[0]);
    await isMoving(film(page, FILMS[0]));
    await page.mouse.dblclick(...(await centreOf(entry(page, FILMS[0]))));
    await expect(page.getByRole('dialog', { name: /^Viewer/ }).locator('video')).toBeVisible();
    await expect(page.locator('[data-index] video')).toHaveCount(0);
  });
});

async function centreOf(tile: Locator): Promise<[number, number]> {
  const box = (await tile.boundingBox())!;
  return [box.x + box.width / 2, box.y + box.height / 3];
}

/** The browser says that its person wants fewer bytes. */
async function savesData(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { connection } = navigator as unknown as { connection: object };
    Object.defineProperty(connection, 'saveData', { value: true });
  });
}

for (const [wish, browserOptions] of [
  ['less motion', { context: { reducedMotion: 'reduce' as const } }],
  ['fewer bytes', { prepare: savesData }],
] as const) {
  test.describe(`where somebody wants ${wish}`, () => {
    test.use({ browserOptions });

    test(`no film plays under a mouse (${wish})`, async ({ page, site, fixtureFiles }) => {
      await driveInTiles(page, site.root, await filmsIn(fixtureFiles));
      await moveTo(page, FILMS[0]);
      await page.waitForTimeout(1_500);
      await expect(page.locator('[data-index] video')).toHaveCount(0);
    });
  });
}
