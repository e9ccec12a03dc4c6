/** An invitation leads anybody who opens it to the person who sent it. */
import { inEverySize, SIZES } from './accessibility-check.ts';
import { LONG, expect, test as base } from './fixtures.ts';
import { ANNA, BORIS, fillIn, seesDrive, signIn, signUp } from './pages/account-page.ts';
import { goTo, signOut } from './pages/drive-page.ts';
import { does } from './pages/friends-page.ts';

const [DESK] = SIZES;

/** A browser that lets the page copy, and the test look at what was copied. */
const test = base.extend({
  browserOptions: async ({}, use) => {
    await use({ context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  },
});

test('two people become friends by an invitation', LONG, async ({ page, site }) => {
  await page.goto(site.root);
  await signUp(page, ANNA);
  const address = await test.step('which is copied from the page of friends', async () => {
    await goTo(page, 'Friends');
    await page.getByRole('button', { name: 'Invite a friend' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite a friend' });
    await expect(dialog.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
    await inEverySize(page, 'invitation');
    await page.setViewportSize(DESK);
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    await expect(page.getByText('Link copied.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
    return page.evaluate(() => navigator.clipboard.readText());
  });
  expect(address).toBe(`${site.root}#invite=anna`);

  await test.step('one’s own leads to nothing to do', async () => {
    await page.goto(address);
    await expect(page.getByText('This is your own invitation.')).toBeVisible();
    await signOut(page);
  });

  await test.step('who has no drive yet makes one first, and asks with one click', async () => {
    await page.goto('about:blank');
    await page.goto(address);
    await expect(page.getByText('anna invites you to become friends.')).toBeVisible();
    await inEverySize(page, 'invitation, before signing in');
    await page.setViewportSize(DESK);
    const create = page.getByRole('button', { name: 'Create drive' });
    const heading = page.getByRole('heading', { name: 'Create your drive' });
    if (!(await heading.isVisible())) await create.click();
    await fillIn(page, BORIS, true);
    await create.click();
    const invited = page.getByRole('region', { name: 'anna invites you' });
    await expect(invited).toBeVisible({ timeout: 30_000 });
    await inEverySize(page, 'invitation, opened');
    await page.setViewportSize(DESK);
    expect(new URL(page.url()).hash).not.toContain('anna');
    await does(page, 'anna', 'Ask to follow');
    await expect(page.getByText('anna was asked.')).toBeVisible();
    await signOut(page);
  });

  await test.step('where a request waits, an invitation answers it', async () => {
    await signIn(page, ANNA);
    await page.goto(`${site.root}#invite=boris`);
    const invited = page.getByRole('region', { name: 'boris invites you' });
    await expect(invited.getByText('Asked to follow you')).toBeVisible();
    await invited.getByRole('button', { name: 'Allow and follow back: boris' }).click();
    await expect(invited.getByText('Friend', { exact: true })).toBeVisible();
    await expect(invited.getByRole('button', { name: 'Open files: boris' })).toBeVisible();
  });

  await test.step('what is no name leads home', async () => {
    await page.goto('about:blank');
    await page.goto(`${site.root}#invite=<img src=x>`);
    await seesDrive(page);
  });
});
