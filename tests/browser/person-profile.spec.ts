/** Two people of one browser: what one tells of herself, and what the other sees of it. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { LONG, expect, test } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { act, goTo, makeFolder, signOut } from './pages/drive-page.ts';
import { ANNA, BORIS, signIn, signUp } from './pages/account-page.ts';

const [DESK] = SIZES;
const RED = [200, 40, 40] as const;

async function becomeFriends(page: Page): Promise<void> {
  await signUp(page, BORIS);
  await signOut(page);
  await signUp(page, ANNA);
  await goTo(page, 'Friends');
  await page.getByLabel('Find people').fill('boris');
  await page.getByRole('button', { name: 'Ask to follow: boris' }).click();
  await expect(page.getByText('boris was asked.')).toBeVisible();
  await signOut(page);
  await signIn(page, BORIS);
  await goTo(page, 'Friends');
  await page.getByRole('button', { name: 'Allow and follow back: anna' }).click();
  await expect(page.getByRole('heading', { name: 'Requests to follow you' })).toBeHidden();
  await signOut(page);
}

async function openProfile(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Profile' }).click();
  await expect(page.getByRole('heading', { name: 'Your profile' })).toBeVisible();
}

const choice = (page: Page, field: string) =>
  page.getByLabel(`Who sees it: ${field}`, { exact: true });

/** Faces on screen, as wide as they are drawn; a picture that cannot be shown is 0 wide. */
const faces = (page: Page) =>
  page
    .locator('.avatar img')
    .evaluateAll((all) => (all as HTMLImageElement[]).map((img) => img.naturalWidth));

test(
  'a photo and a status that are shared with friends are seen by the friend',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    await page.goto(site.root);
    await page.setViewportSize(DESK);
    await becomeFriends(page);
    await signIn(page, ANNA);

    await test.step('a photo of any size becomes a square', async () => {
      await openProfile(page);
      await expect(choice(page, 'Photo')).toBeDisabled();
      const photo = fixtureFiles.file('me.png', picture(900, 600, RED));
      await page.locator('#pick-photo').setInputFiles(photo);
      await expect(page.getByText('Your photo is saved.')).toBeVisible();
      await expect.poll(() => faces(page)).toEqual([256, 256]);
      await choice(page, 'Photo').selectOption('Friends');
      await expect(choice(page, 'Photo')).toBeEnabled();
    });

    await test.step('texts by keys alone, each with who sees it', async () => {
      const { keyboard } = page;
      await page.getByLabel('First name', { exact: true }).focus();
      await keyboard.type('Anna');
      await page.getByLabel('Status', { exact: true }).focus();
      await keyboard.type('in the garden 🌻');
      await keyboard.press('Shift+Tab');
      await expect(choice(page, 'Status')).toBeFocused();
      await keyboard.press('ArrowDown');
      await expect(choice(page, 'Status')).toHaveValue('friends');
      await page.getByLabel('Phone', { exact: true }).focus();
      await keyboard.type('+44 1865 276150');
      await inEverySize(page, 'own profile');
      await page.setViewportSize(DESK);
      await keyboard.press('Enter');
      await expect(page.getByText('Your profile is saved.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
      await page.reload();
      await expect(page.getByLabel('Status', { exact: true })).toHaveValue('in the garden 🌻');
      await expect(choice(page, 'Status')).toHaveValue('friends');
      await expect(choice(page, 'First name')).toHaveValue('nobody');
      await goTo(page, 'Drive');
      await makeFolder(page, 'garden');
      await act(page, 'garden', 'Share…');
      const sheet = page.getByRole('dialog');
      await sheet.getByRole('button', { name: 'boris' }).click();
      await sheet.getByRole('button', { name: 'Share', exact: true }).click();
      await expect(sheet.getByText('Who has access')).toBeVisible();
      await sheet.getByRole('button', { name: 'Close' }).click();
      await signOut(page);
    });

    await test.step('the friend sees them, and nothing else', async () => {
      await signIn(page, BORIS);
      await goTo(page, 'Friends');
      await expect.poll(() => faces(page)).toEqual([256]);
      await inEverySize(page, 'friends, with a face');
      await page.setViewportSize(DESK);
      await page.getByRole('button', { name: 'anna', exact: true }).focus();
      await page.keyboard.press('Enter');
      await expect(page.getByRole('heading', { name: 'anna', level: 1 })).toBeFocused();
      await expect(page.getByText('in the garden 🌻')).toBeVisible();
      await expect.poll(() => faces(page)).toEqual([256]);
      await expect(page.getByText('Not verified')).toBeVisible();
      await expect(page.getByText('+44 1865 276150')).toBeHidden();
      await expect(page.getByRole('button', { name: 'garden' })).toBeVisible();
      await inEverySize(page, 'a friend');
      await page.setViewportSize(DESK);
      await page.reload();
      await expect(page.getByText('in the garden 🌻')).toBeVisible();
      await signOut(page);
    });

    await test.step('more is shown, and what is taken back is seen no more', async () => {
      await signIn(page, ANNA);
      await openProfile(page);
      await page.getByLabel('Last name', { exact: true }).fill('Karenina');
      await page.getByLabel('About me', { exact: true }).fill('Reads.\nGrows sunflowers.');
      await page.getByLabel('E-mail', { exact: true }).fill('anna@example.org');
      await page.getByLabel('Website', { exact: true }).fill('garden');
      for (const field of ['First name', 'Last name', 'About me', 'Phone', 'E-mail', 'Website']) {
        await choice(page, field).selectOption('All followers');
      }
      await choice(page, 'Status').selectOption('Nobody');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(page.getByText('Your profile is saved.')).toBeVisible({ timeout: 30_000 });
      await signOut(page);
      await signIn(page, BORIS);
      await goTo(page, 'Friends');
      await page.getByRole('button', { name: 'anna', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Anna Karenina' })).toBeVisible();
      await expect(page.getByText('in the garden 🌻')).toBeHidden();
      const phone = page.getByRole('link', { name: '+44 1865 276150' });
      await expect(phone).toHaveAttribute('href', 'tel:+441865276150');
      await expect(phone).toHaveAttribute('rel', 'noreferrer noopener');
      await expect(page.getByRole('link', { name: 'anna@example.org' })).toHaveAttribute(
        'href',
        'mailto:anna@example.org',
      );
      await inEverySize(page, 'a friend, everything');
      await page.setViewportSize(DESK);
      await page.getByRole('definition').getByRole('button', { name: 'garden' }).click();
      await expect(page.getByText('This folder is empty')).toBeVisible();
    });
  },
);

test.describe('of one person', () => {
  test.use({ isSignedUp: true });

  test('a picture that is none, or claims to be huge, does not become a photo', async ({
    page,
    site,
    fixtureFiles,
  }) => {
    await page.goto(site.root);
    await openProfile(page);
    const huge = picture(8, 8, RED);
    huge.writeUInt32BE(30_000, 16);
    huge.writeUInt32BE(30_000, 20);
    for (const [name, bytes] of [
      ['drawing.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
      ['page.png', '<!doctype html><script>globalThis.harm = 1</script>'],
      ['huge.png', huge],
      ['cut.png', picture(300, 300, RED).subarray(0, 60)],
    ] as const) {
      await page.locator('#pick-photo').setInputFiles(fixtureFiles.file(name, bytes));
      await expect(
        page.getByText('This file is no picture that can be opened here.'),
      ).toBeVisible();
      await page.getByRole('button', { name: 'Close' }).last().click();
    }
    await expect(page.getByRole('button', { name: 'Choose photo' })).toBeVisible();
    expect(await faces(page)).toEqual([]);
  });
});
