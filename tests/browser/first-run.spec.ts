/** A person's first day with the drive, from the empty page to the password asked again. */
import type { Page } from '@playwright/test';
import { closeViewer, download, signOut } from './pages/drive-page.ts';
import {
  arrange,
  BYTES,
  dropEverything,
  FILM,
  LETTER,
  lookAtAll,
  NEEDLES,
  plays,
  seesEverything,
  throwAway,
} from './smoke-scenario.ts';
import { expect, test } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { ANNA, open, signIn, signUp } from './pages/account-page.ts';
import { searchStorage } from './storage-inspection.ts';

test('the first day: sign up, fill, look, arrange, close, come back offline, sign out', async ({
  profile,
  site,
  fixtureFiles,
}) => {
  test.setTimeout(300_000);
  let page = await profile.page();
  await page.goto(site.root);
  await signUp(page, ANNA);
  await expect(page.getByText('Your drive is empty')).toBeVisible();

  await test.step('drops files and a folder', () => dropEverything(page, fixtureFiles));
  await test.step('looks at each in its viewer', () => lookAtAll(page));
  await test.step('saves a file', async () => {
    expect(await download(page, BYTES)).toEqual(noise(BYTES, 6_000_000));
  });
  await test.step('creates, renames, moves, copies', () => arrange(page));
  await test.step('deletes, undoes, deletes, restores', () => throwAway(page));

  await test.step('everything is there with the browser closed and the host gone', async () => {
    await profile.quit();
    await site.stop();
    page = await profile.page();
    await page.goto(site.root);
    await seesEverything(page);
    await open(page, FILM);
    await plays(page);
    await closeViewer(page);
  });

  await test.step('nothing readable is kept, signed in or out', async () => {
    await searchFindsWhatIsThere(page);
    const before = await searchStorage(page, NEEDLES);
    expect(before.searchedBytes).toBeGreaterThan(6_000_000);
    expect(before).toMatchObject({ found: [], deviceKeys: 1 });
    await signOut(page);
    const after = await searchStorage(page, NEEDLES);
    expect(after.searchedBytes).toBeGreaterThan(6_000_000);
    expect(after).toMatchObject({ found: [], deviceKeys: 0 });
    await expect(page.getByText('Password required')).toBeVisible();
    await page.goBack();
    await expect(page.locator('[data-index]')).toHaveCount(0);
  });

  await test.step('the password opens it again', async () => {
    await page.goto(site.root);
    await signIn(page, ANNA);
    await seesEverything(page);
  });
});

/** A search that could not find anything would be content with everything. */
async function searchFindsWhatIsThere(page: Page): Promise<void> {
  await page.evaluate((text) => sessionStorage.setItem('probe', `x${btoa(text)}`), LETTER);
  expect((await searchStorage(page, NEEDLES)).found).toEqual([`sessionStorage: ${LETTER}`]);
  await page.evaluate(() => sessionStorage.clear());
}
