/** A second factor at a server: switched on in the settings, asked for at sign-in, taken off again. */
import type { Page } from '@playwright/test';
import { goTo, signOut } from './acts.ts';
import { codeOf } from './authenticator.ts';
import { expect, test } from './fixtures.ts';
import { ANNA, fillIn, seesDrive, signUp, toSignInForm } from './person.ts';

test('an authenticator is switched on, asked for, stood in for and taken off', async ({
  page,
  node,
  watch,
}) => {
  test.setTimeout(240_000);
  watch.allow(/status of 400/); // refused codes
  await page.goto(node.root);
  await signUp(page, ANNA);
  await goTo(page, 'Settings');
  const secret = await test.step('switches it on', async () => {
    await page.getByRole('button', { name: 'Add an authenticator app' }).click();
    await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
    const shown = (await page.locator('code').first().textContent()) ?? '';
    const typed = page.getByLabel('Code from your authenticator app');
    await typed.fill('000000');
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByText(/This code is not right/)).toBeVisible();
    // One of the half minute before: each code opens once, and the present one is needed below.
    await typed.fill(codeOf(shown, -1));
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByText('Your second factor is on.')).toBeVisible();
    return shown;
  });
  const backups = await test.step('makes backup codes', async () => {
    await page.getByRole('button', { name: 'Make new backup codes' }).click();
    const codes = page.getByRole('listitem').locator('code');
    await expect(codes.first()).toBeVisible();
    return codes.allTextContents();
  });
  expect(new Set(backups).size).toBeGreaterThanOrEqual(8);

  await test.step('the password alone opens nothing', async () => {
    await signOut(page);
    await givePassword(page);
    await expect(page.getByLabel('Code from your authenticator app')).toBeFocused();
    await giveCode(page, '000000');
    await expect(page.getByRole('alert')).toBeVisible();
  });
  await test.step('a code of the authenticator does', async () => {
    await giveCode(page, codeOf(secret));
    await seesDrive(page);
  });
  await test.step('so does a backup code, once', async () => {
    await signOut(page);
    await givePassword(page);
    await giveCode(page, backups[0] ?? '');
    await seesDrive(page);
    await signOut(page);
    await givePassword(page);
    await giveCode(page, backups[0] ?? '');
    await expect(page.getByRole('alert')).toBeVisible();
    await giveCode(page, backups[1] ?? '');
    await seesDrive(page);
  });
  await test.step('taken off, the password is enough again', async () => {
    await goTo(page, 'Settings');
    for (const name of [/^Remove Backup codes/, 'Remove Authenticator app']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await expect(page.getByRole('button', { name })).toHaveCount(0);
    }
    await signOut(page);
    await givePassword(page);
    await seesDrive(page);
  });
});

async function givePassword(page: Page): Promise<void> {
  await toSignInForm(page);
  await fillIn(page, ANNA, false);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code from your authenticator app').fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
