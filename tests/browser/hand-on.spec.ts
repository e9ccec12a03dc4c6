/** What a friend shares is shared on to somebody who does not know its owner. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, test, LONG } from './fixtures.ts';
import { act, closeViewer, goTo, sees, signOut, transfersEnd, viewer } from './pages/drive-page.ts';
import { ANNA, BORIS, entry, open, pickFiles, signIn, signUp } from './pages/account-page.ts';
import { becomeFriends, does, openFilesOf, personRow } from './pages/friends-page.ts';

const [DESK] = SIZES;
const CARLA = { username: 'carla', password: 'maple-orbit-9-pebbles-glow' };
const sheet = (page: Page) => page.getByRole('dialog');

test(
  'a friend’s file is shared on to read, listed, and its owner ends it',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    test.setTimeout(150_000);
    await page.goto(site.root);
    await test.step('anna and boris are friends, and boris and carla', async () => {
      await becomeFriends(page, ANNA, BORIS);
      await pickFiles(page, [fixtureFiles.file('plan.txt', 'We meet at noon.')]);
      await sees(page, ['plan.txt']);
      await transfersEnd(page);
      await shareWith(page, 'plan.txt', 'boris');
      await signOut(page);
      await toSignUp(page);
      await signUp(page, CARLA);
      await goTo(page, 'Friends');
      await page.getByLabel('Find people').fill('boris');
      await does(page, 'boris', 'Ask to follow');
      await expect(page.getByText('boris was asked.')).toBeVisible();
      await signOut(page);
      await signIn(page, BORIS);
      await goTo(page, 'Friends');
      await does(page, 'carla', 'Allow and follow back');
      await expect(page.getByRole('heading', { name: 'Requests to follow you' })).toBeHidden();
    });
    await test.step('boris shares on, to view only', async () => {
      await openFilesOf(page, ANNA);
      await sees(page, ['plan.txt']);
      await act(page, 'plan.txt', 'Share…');
      await expect(sheet(page).getByText('This belongs to anna.')).toBeVisible();
      await expect(sheet(page).getByText('Can edit')).toHaveCount(0);
      await expect(sheet(page).getByRole('button', { name: 'Create link' })).toHaveCount(0);
      await expect(sheet(page).getByRole('button', { name: 'anna', exact: true })).toHaveCount(0);
      await sheet(page).getByRole('button', { name: 'carla' }).click();
      await inEverySize(page, 'sharing on');
      await page.setViewportSize(DESK);
      await sheet(page).getByRole('button', { name: 'Share', exact: true }).click();
      await expect(sheet(page).getByText('You shared this on with')).toBeVisible();
      await sheet(page).getByRole('button', { name: 'Close' }).click();
      await expect(
        entry(page, 'plan.txt').getByRole('img', { name: 'Shared with carla' }),
      ).toBeVisible();
      await goTo(page, 'Shared');
      await expect(page.getByText('With carla')).toBeVisible();
      await signOut(page);
    });
    await test.step('carla finds it among what is shared with her', async () => {
      await signIn(page, CARLA);
      await goTo(page, 'Shared');
      await expect(personRow(page, 'anna').getByText('Shared on by boris')).toBeVisible();
      await inEverySize(page, 'shared, with what was shared on');
      await page.setViewportSize(DESK);
      await does(page, 'anna', 'Open files');
      await sees(page, ['plan.txt']);
      await page.reload();
      await sees(page, ['plan.txt']);
      await open(page, 'plan.txt');
      const text = viewer(page).frameLocator('iframe').getByText('We meet at noon.');
      await expect(text).toBeVisible();
      await closeViewer(page);
      await signOut(page);
    });
    await test.step('boris takes carla off the list, and is told what that means', async () => {
      await signIn(page, BORIS);
      await openFilesOf(page, ANNA);
      await act(page, 'plan.txt', 'Share…');
      await sheet(page).getByRole('button', { name: 'Stop sharing with carla' }).click();
      await expect(sheet(page).getByText('carla is taken off this list')).toBeVisible();
      await inEverySize(page, 'sharing on, stopping');
      await page.setViewportSize(DESK);
      await sheet(page).getByRole('button', { name: 'Take off the list' }).click();
      await expect(sheet(page).getByText('You shared this on with')).toBeHidden();
      await sheet(page).getByRole('button', { name: 'Close' }).click();
      await signOut(page);
    });
    await test.step('anna takes it back from boris, and it is gone for both', async () => {
      await signIn(page, ANNA);
      await goTo(page, 'Drive');
      await act(page, 'plan.txt', 'Share…');
      await sheet(page).getByRole('button', { name: 'Stop sharing with boris' }).click();
      await sheet(page).getByRole('button', { name: 'Stop sharing', exact: true }).last().click();
      await expect(sheet(page).getByText('Who has access')).toBeHidden();
      await sheet(page).getByRole('button', { name: 'Close' }).click();
      await signOut(page);
      await signIn(page, CARLA);
      await goTo(page, 'Shared');
      await expect(personRow(page, 'boris')).toBeVisible();
      await expect(personRow(page, 'anna')).toBeHidden();
    });
  },
);

async function shareWith(page: Page, name: string, recipient: string): Promise<void> {
  await act(page, name, 'Share…');
  await sheet(page).getByRole('button', { name: recipient }).click();
  await sheet(page).getByRole('button', { name: 'Share', exact: true }).click();
  await expect(sheet(page).getByText('Who has access')).toBeVisible();
  await sheet(page).getByRole('button', { name: 'Close' }).click();
}

/** From the accounts that the welcome screen knows to the form of a new one. */
async function toSignUp(page: Page): Promise<void> {
  const other = page.getByRole('button', { name: 'Use another name' });
  if (await other.isVisible()) await other.click();
}
