/** The list of a folder: thousands of rows of which few exist, and columns of any width. */
import type { Locator, Page } from '@playwright/test';
import { enter, sees, transfersEnd } from './pages/drive-page.ts';
import { LONG, test, expect } from './fixtures.ts';
import type { FixtureFiles } from './fixture-files.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const MANY = 4_000;
/** Rows in sight, those kept ready around them, and some of both once more. */
const ROWS_AT_MOST = 100;

test(
  'thousands of entries are as few rows as fit, and keys reach each of them',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    test.setTimeout(600_000);
    await page.goto(site.root);
    await seesDrive(page);
    const folder = manyFiles(fixtureFiles);
    await page.locator('#pick-folder').setInputFiles(folder);
    await sees(page, ['many']);
    await transfersEnd(page, 480_000);
    await enter(page, 'many');
    await expect(page.getByText('4,000 items')).toBeVisible({ timeout: 60_000 });
    const grid = page.getByRole('grid');
    for (const look of ['list', 'grid'] as const) {
      await test.step(look, async () => {
        if (look === 'grid') await page.getByRole('button', { name: 'Grid', exact: true }).click();
        await grid.focus();
        for (const [key, name] of [
          ['End', nameOf(MANY - 1)],
          ['Home', nameOf(0)],
        ] as const) {
          await page.keyboard.press(key);
          await expect(entry(page, name)).toBeInViewport();
          await expect(entry(page, name)).toHaveAttribute('aria-selected', 'true');
          await isNamed(grid, name);
        }
        const before = await cursorOf(grid);
        await page.keyboard.press('PageDown');
        const by = (await cursorOf(grid)) - before;
        expect(by).toBeGreaterThanOrEqual(5);
        await page.keyboard.press('PageUp');
        expect(await cursorOf(grid)).toBe(before);
        expect(await mostRowsWhileScrolling(page, grid)).toBeLessThan(ROWS_AT_MOST);
      });
    }
    await grid.focus();
    await page.keyboard.press('ControlOrMeta+a');
    await expect(page.getByText('4,000 selected')).toBeVisible();
  },
);

test('columns are made wider by pointer and by keys, and stay so', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [new URL(import.meta.url).pathname]);
  const edge = page.getByRole('separator', { name: 'Width of Size' });
  const size = page.getByRole('columnheader', { name: 'Size' });
  const modified = page.getByRole('columnheader', { name: 'Modified' });
  await expect(edge).toBeVisible();
  const usual = await widthOf(size);
  const both = usual + (await widthOf(modified));
  await test.step('by pointer', async () => {
    await drag(page, edge, 30);
    expect(await widthOf(size)).toBe(usual + 30);
    expect((await widthOf(size)) + (await widthOf(modified))).toBe(both);
    // The rows have the columns of their heading.
    const cell = entry(page, 'list.spec.ts').locator('.size');
    expect(await widthOf(cell)).toBe(usual + 30);
  });
  await test.step('by keys', async () => {
    await edge.focus();
    await expect(edge).toHaveAttribute('aria-valuenow', String(usual + 30));
    await page.keyboard.press('ArrowLeft');
    await expect(edge).toHaveAttribute('aria-valuenow', String(usual + 22));
    await page.keyboard.press('Shift+ArrowLeft');
    await expect(edge).toHaveAttribute('aria-valuenow', String(usual - 18));
    await page.keyboard.press('Home');
    await expect(edge).toHaveAttribute(
      'aria-valuenow',
      (await edge.getAttribute('aria-valuemin'))!,
    );
    await page.keyboard.press('End');
    await expect(edge).toHaveAttribute(
      'aria-valuenow',
      (await edge.getAttribute('aria-valuemax'))!,
    );
    await page.keyboard.press('Enter');
    await expect(edge).toHaveAttribute('aria-valuenow', String(usual));
  });
  await test.step('on this device, until a double click', async () => {
    await drag(page, edge, -20);
    await page.reload();
    await seesDrive(page);
    expect(await widthOf(size)).toBe(usual - 20);
    await edge.dblclick();
    expect(await widthOf(size)).toBe(usual);
  });
});

function manyFiles(fixtureFiles: FixtureFiles): string {
  for (let at = 0; at < MANY; at++) fixtureFiles.file(`many/${nameOf(at)}`, '');
  return fixtureFiles.path('many');
}

function nameOf(at: number): string {
  return `entry ${String(at).padStart(5, '0')}.bin`;
}

/** The entry under the cursor, by its place in the folder. */
async function cursorOf(grid: Locator): Promise<number> {
  const id = await grid.getAttribute('aria-activedescendant');
  return Number(id?.replace('entry-', ''));
}

/** The grid says to a screen reader which entry has the cursor, and that entry exists. */
async function isNamed(grid: Locator, name: string): Promise<void> {
  const id = await grid.getAttribute('aria-activedescendant');
  await expect(grid.locator(`#${id ?? 'none'}`)).toContainText(name);
}

async function mostRowsWhileScrolling(page: Page, grid: Locator): Promise<number> {
  await grid.hover();
  let most = 0;
  for (let turn = 0; turn < 30; turn++) {
    await page.mouse.wheel(0, 5_000);
    most = Math.max(most, await grid.locator('[data-index]').count());
  }
  return most;
}

async function widthOf(element: Locator): Promise<number> {
  return Math.round((await element.boundingBox())?.width ?? 0);
}

async function drag(page: Page, element: Locator, by: number): Promise<void> {
  const box = (await element.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by / 2, y);
  await page.mouse.move(x + by, y);
  await page.mouse.up();
}
