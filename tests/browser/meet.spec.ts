/** Two people who meet scan each other's code, and are friends who verified each other. */
import { expect, type Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { film, FILM, test } from './camera.ts';
import { picture } from './fixture-files.ts';
import { ANNA, BORIS, signIn, signUp } from './pages/account-page.ts';
import { goTo, signOut } from './pages/drive-page.ts';
import { personRow } from './pages/friends-page.ts';

const [DESK] = SIZES;
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Invite a friend' });

test('one scan each makes two people verified friends', async ({ page, site, fixtureFiles }) => {
  test.setTimeout(150_000);
  const [annas, boriss] = [fixtureFiles.path('anna.png'), fixtureFiles.path('boris.png')];
  await page.setViewportSize(DESK);
  await page.goto(site.root);
  await signUp(page, BORIS);
  await showsCode(page, boriss);
  await signOut(page);
  await signUp(page, ANNA);
  await showsCode(page, annas);

  await test.step('what is no code of a person, and the own one, do nothing', async () => {
    await openDialog(page);
    const picker = dialog(page).locator('input[type=file]');
    await picker.setInputFiles(annas);
    await expect(dialog(page).getByText('This is your own code.')).toBeVisible();
    await picker.setInputFiles(fixtureFiles.file('grey.png', picture(300, 300, [90, 90, 90])));
    await expect(dialog(page).getByText('No code was found in this picture.')).toBeVisible();
    await inEverySize(page, 'meeting, before a scan');
    await page.setViewportSize(DESK);
  });
  await test.step('the first scan verifies, and asks', async () => {
    await scans(page, boriss, fixtureFiles.path(FILM));
    await expect(
      dialog(page).getByText('boris is verified and was asked. Now let boris scan your code.'),
    ).toBeVisible();
    await expect(dialog(page).getByText('The camera is off.')).toBeVisible();
    await inEverySize(page, 'meeting, after the first scan');
    await page.setViewportSize(DESK);
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('heading', { name: 'Asked, no answer yet' })).toBeVisible();
    await signOut(page);
  });
  await test.step('the second one verifies, and answers', async () => {
    await signIn(page, BORIS);
    await openDialog(page);
    await scans(page, annas, fixtureFiles.path(FILM));
    await expect(
      dialog(page).getByText('You and anna are friends, and anna is verified.'),
    ).toBeVisible();
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await isVerifiedFriend(page, 'anna');
    await signOut(page);
  });
  await test.step('so that both see it', async () => {
    await signIn(page, ANNA);
    await goTo(page, 'Friends');
    await isVerifiedFriend(page, 'boris');
  });
  await test.step('the code of somebody else under this name verifies nobody', async () => {
    await personRow(page, 'boris').getByRole('button', { name: 'Verify: boris' }).click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByText('Verified. boris still has the keys you compared.')).toBeVisible();
    await sheet.locator('input[type=file]').setInputFiles(boriss);
    await expect(sheet.getByText('Verified. boris still has the keys you compared.')).toBeVisible();
    await sheet.locator('input[type=file]').setInputFiles(annas);
    await expect(sheet.getByText('This is another kind of code.')).toBeVisible();
  });
});

async function openDialog(page: Page): Promise<void> {
  await goTo(page, 'Friends');
  await page.getByRole('button', { name: 'Invite a friend' }).click();
  await expect(dialog(page).getByRole('img', { name: 'QR code of the link' })).toBeVisible();
}

/** Makes a picture of the code on the screen. */
async function showsCode(page: Page, path: string): Promise<void> {
  await openDialog(page);
  await dialog(page).getByRole('img', { name: 'QR code of the link' }).screenshot({ path });
  await dialog(page).getByRole('button', { name: 'Close' }).click();
}

/** Holds the camera at a picture. */
async function scans(page: Page, of: string, camera: string): Promise<void> {
  film(of, camera);
  await dialog(page).getByRole('button', { name: 'Scan with the camera' }).click();
}

async function isVerifiedFriend(page: Page, name: string): Promise<void> {
  const row = personRow(page, name);
  await expect(row.getByRole('button', { name: `Open files: ${name}` })).toBeVisible();
  await expect(row.getByText('Verified', { exact: true })).toBeVisible();
}
