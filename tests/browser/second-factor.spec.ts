/**
 * A second factor at a server: switched on in the settings, asked for at sign-in and by whatever the
 * password alone does not open, taken off again.
 */
import type { Page } from '@playwright/test';
import { goTo, signOut } from './pages/drive-page.ts';
import { codeOf, plugInKey, previousCodeOf } from './authenticator.ts';
import { LONG, test, expect } from './fixtures.ts';
import { NodeSite } from './node-site.ts';
import { ANNA, fillIn, seesDrive, signUp, toSignInForm, typeInto } from './pages/account-page.ts';

test(
  'an authenticator is switched on, asked for, stood in for and taken off',
  LONG,
  async ({ page, node, noConsoleErrors }) => {
    test.setTimeout(240_000);
    noConsoleErrors.allow(/status of 400/); // refused codes
    await page.goto(node.root);
    await signUp(page, ANNA);
    await goTo(page, 'Settings');
    const secret = await test.step('switches it on', async () => {
      await page.getByRole('button', { name: 'Add an authenticator app' }).click();
      await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
      const shown = (await page.locator('code').first().textContent()) ?? '';
      const typed = page.getByLabel('Code from your authenticator app');
      await typeInto(typed, '000000');
      await page.getByRole('button', { name: 'Turn on' }).click();
      await expect(page.getByText(/This code is wrong/)).toBeVisible();
      // The present one is needed below.
      await typeInto(typed, await previousCodeOf(shown));
      await page.getByRole('button', { name: 'Turn on' }).click();
      await expect(page.getByText('Your second factor is on.')).toBeVisible();
      return shown;
    });
    const backups = await test.step('makes backup codes', async () => {
      await page.getByRole('button', { name: 'Create new backup codes' }).click();
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
    await test.step('a change of the password asks for it, and again after a wrong code', async () => {
      await goTo(page, 'Settings');
      await askForChange(page, ANNA.password, BETTER.password);
      const field = page.getByLabel('Code from your authenticator app');
      await expect(field).toBeFocused();
      await page.keyboard.type('000000');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('alert')).toContainText('wrong');
      await expect(field).toBeFocused();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await expect(page.getByLabel('Current password', { exact: true })).toHaveValue(ANNA.password);
      await page.getByRole('button', { name: 'Change password' }).click();
      await expect(field).toBeFocused();
      await page.keyboard.type((backups[2] ?? '').toUpperCase());
      await page.keyboard.press('Enter');
      await expect(page.getByText('From now on only the new one works')).toBeVisible();
    });
    await test.step('so does an export', async () => {
      await page.getByRole('button', { name: 'Export…' }).click();
      await typeInto(page.getByRole('textbox', { name: 'Password', exact: true }), BETTER.password);
      await page.keyboard.press('Enter');
      await expect(page.getByLabel('Code from your authenticator app')).toBeFocused();
      const saved = page.waitForEvent('download');
      await page.keyboard.type(backups[3] ?? '');
      await page.keyboard.press('Enter');
      expect((await saved).suggestedFilename()).toBe('blocks.car');
    });
    await test.step('taken off, the password is enough again', async () => {
      await goTo(page, 'Settings');
      for (const name of [/^Remove Backup codes/, 'Remove Authenticator app']) {
        await page.getByRole('button', { name }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
        await expect(page.getByRole('button', { name })).toHaveCount(0);
      }
      await signOut(page);
      await givePassword(page, BETTER);
      await seesDrive(page);
    });
  },
);

test(
  'a security key alone opens, changes the password, exports and moves',
  LONG,
  async ({ page, node, noConsoleErrors }) => {
    test.setTimeout(240_000);
    const elsewhere = await NodeSite.open({ pageOrigins: [node.origin] });
    noConsoleErrors.own(elsewhere.origin);
    // Keys are registered for an address with its port, which the node has to know when it starts.
    await node.restart();
    try {
      await page.goto(node.root);
      await signUp(page, ANNA);
      const key = await plugInKey(page);
      await goTo(page, 'Settings');
      await page.getByRole('button', { name: 'Add a security key' }).click();
      await expect(page.getByText('Your second factor is on.')).toBeVisible();
      const touch = page.getByRole('button', { name: 'Use your security key' });
      const made = await key.touches();
      await test.step('signs in', async () => {
        await signOut(page);
        await givePassword(page);
        await expect(touch).toBeFocused();
        await page.keyboard.press('Enter');
        await seesDrive(page);
      });
      await test.step('changes the password', async () => {
        await goTo(page, 'Settings');
        await askForChange(page, ANNA.password, BETTER.password);
        await expect(touch).toBeFocused();
        await page.keyboard.press('Enter');
        await expect(page.getByText('From now on only the new one works')).toBeVisible();
      });
      await test.step('exports', async () => {
        await page.getByRole('button', { name: 'Export…' }).click();
        await typeInto(
          page.getByRole('textbox', { name: 'Password', exact: true }),
          BETTER.password,
        );
        await page.keyboard.press('Enter');
        await expect(touch).toBeFocused();
        const saved = page.waitForEvent('download');
        await page.keyboard.press('Enter');
        expect((await saved).suggestedFilename()).toBe('blocks.car');
      });
      await test.step('moves', async () => {
        await page.getByRole('button', { name: 'Move…' }).click();
        await typeInto(page.getByLabel('Address of the server'), elsewhere.origin);
        await page.getByRole('button', { name: 'Use this server' }).click();
        await typeInto(
          page.getByRole('textbox', { name: 'Password', exact: true }),
          BETTER.password,
        );
        await page.getByRole('button', { name: 'Move the drive' }).click();
        await touch.click();
        await expect(page.getByText(`Your drive is on ${elsewhere.host} now.`)).toBeVisible();
      });
      expect(await key.touches()).toBeGreaterThanOrEqual(made + 4);
    } finally {
      await elsewhere.destroy();
    }
  },
);

const BETTER = { ...ANNA, password: 'silver-orchard-9-kestrels-wake' };

async function askForChange(page: Page, before: string, after: string): Promise<void> {
  await typeInto(page.getByLabel('Current password', { exact: true }), before);
  await typeInto(page.getByLabel('New password', { exact: true }), after);
  await page.getByRole('button', { name: 'Change password' }).click();
}

async function givePassword(page: Page, person = ANNA): Promise<void> {
  await toSignInForm(page);
  await fillIn(page, person, false);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function giveCode(page: Page, code: string): Promise<void> {
  await typeInto(page.getByLabel('Code from your authenticator app'), code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
