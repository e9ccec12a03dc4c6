/** A browser without room: said plainly, nothing half-written, and all well when there is room. */
import type { Page } from '@playwright/test';
import { act, download, goTo, sees, transfersEnd } from './acts.ts';
import { limitStorage } from './devtools.ts';
import { expect, test } from './fixtures.ts';
import { noise } from './materials.ts';
import { ANNA, pickFiles, seesDrive, signUp } from './person.ts';

const MIB = 1024 * 1024;
const ROOM = 70 * MIB;

test('a full browser says so, keeps what it has, and goes on when room is made', async ({
  page,
  site,
  materials,
}) => {
  test.setTimeout(240_000);
  await limitStorage(page, site.origin, ROOM);
  await page.goto(site.root);
  await signUp(page, ANNA);
  const small = noise('small', 300_000);
  await pickFiles(page, [
    materials.file('sibling.bin', small),
    materials.file('ballast.bin', noise('ballast', 35 * MIB)),
  ]);
  await transfersEnd(page);
  await sees(page, ['sibling.bin', 'ballast.bin']);
  const content = noise('newcomer', 45 * MIB);
  const newcomer = materials.file('newcomer.bin', content);

  await test.step('an upload that does not fit is refused in a sentence', async () => {
    await pickFiles(page, [newcomer]);
    await expect(page.getByText(/no more room/).first()).toBeVisible({ timeout: 60_000 });
    await sees(page, ['sibling.bin', 'ballast.bin']);
  });
  await test.step('what is there can be read, also after a reload', async () => {
    expect(await download(page, 'sibling.bin')).toEqual(small);
    await page.reload();
    await seesDrive(page);
    await sees(page, ['sibling.bin', 'ballast.bin']);
    expect(await download(page, 'sibling.bin')).toEqual(small);
  });
  await test.step('with a little room there can be made more', async () => {
    await limitStorage(page, site.origin, ROOM + 8 * MIB);
    await makeRoom(page);
  });
  await test.step('then it fits', async () => {
    await pickFiles(page, [newcomer]);
    await sees(page, ['sibling.bin', 'newcomer.bin']);
    expect((await download(page, 'newcomer.bin')).equals(content)).toBe(true);
  });
});

test('an account that does not fit is not half made', async ({ page, site, watch }) => {
  watch.allow(/Quota/);
  await limitStorage(page, site.origin, 20_000);
  await page.goto(site.root);
  await page.getByLabel('Name', { exact: true }).fill(ANNA.username);
  await page.getByLabel('Password', { exact: true }).fill(ANNA.password);
  await page.getByRole('button', { name: 'Create drive' }).click();
  await expect(page.getByRole('alert')).toContainText(/no more room/, { timeout: 30_000 });
  await limitStorage(page, site.origin, undefined);
  await page.reload();
  await signUp(page, ANNA);
});

/** What the failed upload left is given back first; then there is room to delete the rest. */
async function makeRoom(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Cancel newcomer.bin' }).click();
  await cleanUp(page);
  await act(page, 'ballast.bin', 'Move to trash');
  await sees(page, ['sibling.bin']);
  await goTo(page, 'Trash');
  await page.getByRole('button', { name: 'Empty trash' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Empty trash' }).click();
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await cleanUp(page);
  // The browser itself takes its time to delete.
  await expect
    .poll(() => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0), {
      timeout: 60_000,
    })
    .toBeLessThan(20 * MIB);
}

async function cleanUp(page: Page): Promise<void> {
  await goTo(page, 'Settings');
  await page.getByRole('button', { name: 'Clean up now' }).click();
  await expect(page.getByText(/ freed\./).last()).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'Drive');
  await expect(page.getByRole('grid')).toBeVisible();
}
