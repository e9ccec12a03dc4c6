/** Rows that are dragged: onto folders, the path, the trash, and out to this device. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { enter, goTo, goUp, makeFolder, sees, transfersEnd } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

test('rows are dragged onto folders, the path and the trash', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await makeFolder(page, 'box');
  await pickFiles(page, [
    fixtureFiles.file('a.txt', 'a'),
    fixtureFiles.file('b.txt', 'b'),
    fixtureFiles.file('c.txt', 'c'),
  ]);
  await sees(page, ['box', 'a.txt', 'b.txt', 'c.txt']);
  await transfersEnd(page);
  await test.step('several at once, into a folder', async () => {
    await entry(page, 'a.txt').click();
    await entry(page, 'b.txt').click({ modifiers: ['Shift'] });
    await bring(page, entry(page, 'a.txt'), entry(page, 'box'));
    await sees(page, ['box', 'c.txt']);
    await expect(page.getByText('Drop here to save')).toBeHidden();
  });
  await test.step('up, onto the path', async () => {
    await enter(page, 'box');
    await sees(page, ['a.txt', 'b.txt']);
    await bring(page, entry(page, 'b.txt'), inPath(page, 'Home'));
    await sees(page, ['a.txt']);
    await goUp(page, 'Home');
    await sees(page, ['box', 'b.txt', 'c.txt']);
  });
  await test.step('a copy, with the key for it', async () => {
    await page.keyboard.down('Control');
    await bring(page, entry(page, 'c.txt'), entry(page, 'box'));
    await page.keyboard.up('Control');
    await sees(page, ['box', 'b.txt', 'c.txt']);
    await enter(page, 'box');
    await sees(page, ['a.txt', 'c.txt']);
    await goUp(page, 'Home');
  });
  await test.step('a folder does not go into itself', async () => {
    await bring(page, entry(page, 'box'), entry(page, 'box'));
    await sees(page, ['box', 'b.txt', 'c.txt']);
  });
  await test.step('into the trash', async () => {
    await bring(
      page,
      entry(page, 'b.txt'),
      page.getByRole('button', { name: 'Trash', exact: true }),
    );
    await sees(page, ['box', 'c.txt']);
    await goTo(page, 'Trash');
    await expect(page.getByRole('listitem').filter({ hasText: 'b.txt' })).toBeVisible();
  });
});

test('rows dragged to the drop target are downloaded', async ({ page, site, fixtureFiles }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [fixtureFiles.file('a.txt', 'of a'), fixtureFiles.file('b.txt', 'of b')]);
  await transfersEnd(page);
  const target = page.getByText('Drop here to download');
  await expect(target).toBeHidden();
  await test.step('one file as itself', async () => {
    const begun = page.waitForEvent('download');
    await bring(page, entry(page, 'a.txt'), target);
    const saved = await begun;
    expect(saved.suggestedFilename()).toBe('a.txt');
    expect(readFileSync(await saved.path(), 'utf8')).toBe('of a');
    await expect(target).toBeHidden();
    await sees(page, ['a.txt', 'b.txt']);
  });
  await test.step('several as an archive', async () => {
    await entry(page, 'a.txt').click();
    await entry(page, 'b.txt').click({ modifiers: ['ControlOrMeta'] });
    const begun = page.waitForEvent('download');
    await bring(page, entry(page, 'b.txt'), target);
    const archive = unzipSync(readFileSync(await (await begun).path()));
    expect(Object.keys(archive).sort()).toEqual(['a.txt', 'b.txt']);
  });
  await test.step('a drag that is called off changes nothing', async () => {
    await entry(page, 'a.txt').hover();
    await page.mouse.down();
    await page.mouse.move(500, 700, { steps: 4 });
    await expect(target).toBeVisible();
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await page.mouse.move(600, 600, { steps: 2 });
    await expect(target).toBeHidden();
    await sees(page, ['a.txt', 'b.txt']);
  });
});

/** Drags with the pointer; the target may be there only while something is dragged. */
async function bring(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.hover();
  await page.mouse.down();
  const box = (await from.boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + box.height, { steps: 3 });
  await to.hover();
  await to.hover(); // a second move: the first one only arrives
  await page.mouse.up();
}

function inPath(page: Page, name: string): Locator {
  return page.getByRole('navigation', { name: 'Folder path' }).getByRole('button', { name });
}
