/** The open folder of a friend follows what its owner does, and says when it was taken back. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { LONG, expect, test } from './fixtures.ts';
import { act, enter, goTo, makeFolder, sees, signOut, transfersEnd } from './pages/drive-page.ts';
import { ANNA, BORIS, entry, open, pickFiles, signIn } from './pages/account-page.ts';
import { becomeFriends, openFilesOf } from './pages/friends-page.ts';

const [DESK] = SIZES;
const sheet = (page: Page) => page.getByRole('dialog');

test(
  'an open folder of a friend is read again while it is open',
  LONG,
  async ({ page, context, site, fixtureFiles }) => {
    test.setTimeout(150_000);
    await page.goto(site.root);
    await becomeFriends(page, ANNA, BORIS);
    await makeFolder(page, 'album');
    await enter(page, 'album');
    await pickFiles(page, [
      fixtureFiles.file('first.txt', '1'),
      fixtureFiles.file('second.txt', '2'),
    ]);
    await sees(page, ['first.txt', 'second.txt']);
    await transfersEnd(page);
    await page.goBack();
    await act(page, 'album', 'Share…');
    await sheet(page).getByRole('button', { name: 'boris' }).click();
    await sheet(page).getByRole('button', { name: 'Share', exact: true }).click();
    await expect(sheet(page).getByText('Who has access')).toBeVisible();
    await sheet(page).getByRole('button', { name: 'Close' }).click();
    await signOut(page);
    await signIn(page, ANNA, false);
    const boris = await context.newPage();
    await boris.goto(site.root);
    await signIn(boris, BORIS, false);
    await openFilesOf(boris, ANNA);
    await sees(boris, ['album']);
    await open(boris, 'album');
    await sees(boris, ['first.txt', 'second.txt']);
    await entry(boris, 'second.txt').click();
    const selected = boris.getByRole('row', { selected: true });
    await expect(selected).toHaveCount(1);

    await test.step('what comes into it is shown, and what is selected stays selected', async () => {
      await enter(page, 'album');
      await pickFiles(page, [fixtureFiles.file('a new one.txt', '0')]);
      await transfersEnd(page);
      await comesBackUntil(boris, () => sees(boris, ['a new one.txt', 'first.txt', 'second.txt']));
      await expect(selected).toContainText('second.txt');
    });
    await test.step('what is taken back is told of in its place', async () => {
      await goTo(page, 'Drive');
      await page.getByRole('navigation').getByText('Home').first().click();
      await act(page, 'album', 'Share…');
      await sheet(page).getByRole('button', { name: 'Stop sharing with boris' }).click();
      await sheet(page).getByRole('button', { name: 'Stop sharing', exact: true }).last().click();
      await expect(sheet(page).getByText('Who has access')).toBeHidden();
      await comesBackUntil(boris, () =>
        expect(
          boris.getByRole('heading', { name: 'This folder is not shared with you any more' }),
        ).toBeVisible({ timeout: 2_000 }),
      );
      await expect(entry(boris, 'first.txt')).toBeHidden();
      await inEverySize(boris, 'folder taken back while it is open');
      await boris.setViewportSize(DESK);
      await boris.getByRole('button', { name: 'What is shared with you' }).click();
      await expect(boris.getByRole('heading', { name: 'Shared with you' })).toBeVisible();
    });
  },
);

/** Comes back to the window, as often as it takes: twice in a row asks once. */
async function comesBackUntil(page: Page, isSo: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await page.waitForTimeout(1_000);
    await isSo();
  }).toPass({ timeout: 60_000 });
}
