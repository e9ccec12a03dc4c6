/** The screens that only a drive on a server has pass axe, and can be used by keys alone. */
import { goTo, makeFolder, signOut } from './pages/drive-page.ts';
import { codeOf, previousCodeOf } from './authenticator.ts';
import { inEverySize } from './accessibility-check.ts';
import { LONG, test, expect } from './fixtures.ts';
import { ANNA, fillIn, seesDrive, signUp, toSignInForm, typeInto } from './pages/account-page.ts';

test(
  'the screens of a drive on a server are clean',
  LONG,
  async ({ page, node, noConsoleErrors }) => {
    test.setTimeout(300_000);
    noConsoleErrors.allow(/status of 400|ERR_CONNECTION_REFUSED/);
    await page.goto(node.root);
    await test.step('choosing a place, by keys', async () => {
      await page.getByRole('button', { name: 'Change' }).focus();
      await page.keyboard.press('Enter');
      await expect(page.getByLabel('Address of the server')).toBeFocused();
      await page.keyboard.type('ftp://nowhere');
      await page.keyboard.press('Enter');
      await expect(page.getByText(/not the address of a server/)).toBeVisible();
      await inEverySize(page, 'choice of a place');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(node.origin);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await expect(page.getByLabel('Address of the server')).toBeHidden();
    });
    await signUp(page, ANNA);
    await makeFolder(page, 'folder');
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Export…' }).click();
    await inEverySize(page, 'settings, export');
    await page.getByRole('button', { name: 'Move…' }).click();
    await page.getByRole('button', { name: 'Add an authenticator app' }).click();
    await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
    await inEverySize(page, 'settings, move and authenticator');
    const secret = (await page.locator('code').first().textContent()) ?? '';
    await typeInto(
      page.getByLabel('Code from your authenticator app'),
      await previousCodeOf(secret),
    );
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Create new backup codes' }).click();
    await expect(page.getByRole('listitem').locator('code').first()).toBeVisible();
    await inEverySize(page, 'settings, backup codes');
    await signOut(page);
    await inEverySize(page, 'known accounts of a server');
    await toSignInForm(page);
    await fillIn(page, ANNA, true);
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await typeInto(page.getByLabel('Code from your authenticator app'), '000000');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await inEverySize(page, 'second factor');
    await typeInto(page.getByLabel('Code from your authenticator app'), codeOf(secret));
    await page.keyboard.press('Enter');
    await seesDrive(page);
    await node.stop();
    await page.reload();
    await expect(page.getByText(`${node.host} cannot be reached.`)).toBeVisible();
    await inEverySize(page, 'server away');
  },
);
