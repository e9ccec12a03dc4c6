/** Names and passwords: what is refused, what changes, and several people in one browser. */
import type { Page } from '@playwright/test';
import { goTo, makeFolder, sees, signOut } from './pages/drive-page.ts';
import { expect, HOMES, LONG, test } from './fixtures.ts';
import { NodeSite } from './node-site.ts';
import {
  ANNA,
  BORIS,
  fillIn,
  seesDrive,
  signIn,
  signUp,
  toSignInForm,
  typeInto,
} from './pages/account-page.ts';
import type { Person } from './pages/account-page.ts';

for (const homeKind of HOMES) {
  test.describe(`a drive in the ${homeKind}`, () => {
    test.use({ homeKind });
    /** The same screens as for a drive in the browser. */
    const details = homeKind === 'server' ? LONG : {};

    test('sign-up refuses what would not do, and says why', details, async ({ page, home }) => {
      await page.goto(home.root);
      await signUp(page, ANNA);
      await signOut(page);
      await page.getByRole('button', { name: 'Create drive' }).click();
      const cases: readonly (readonly [Person, RegExp])[] = [
        [{ username: ANNA.username, password: BORIS.password }, /taken|already|in use|exists/i],
        [{ username: 'boris', password: 'boris' }, /differ from the user name/],
        [{ username: 'boris', password: 'BORIS' }, /differ from the user name/],
        [{ username: 'boris', password: 'password1' }, /guess|common|similar/i],
        [{ username: 'boris', password: '' }, /choose a password/],
        [{ username: '-boris', password: BORIS.password }, /letters|begin|start|name/i],
        [{ username: 'b__ris', password: BORIS.password }, /letters|between|name/i],
        [{ username: 'x'.repeat(33), password: BORIS.password }, /32|long|name/i],
        [{ username: '', password: BORIS.password }, /lowercase letters/],
      ];
      for (const [person, reason] of cases) {
        await test.step(`${person.username} / ${person.password}`, async () => {
          await fillIn(page, person, true);
          await page.getByRole('button', { name: 'Create drive' }).click();
          await expect(page.locator('.note.wrong, [role=alert]').first()).toContainText(reason);
          await expect(page.getByRole('button', { name: 'Create drive' })).toBeEnabled();
        });
      }
      await fillIn(page, { ...BORIS, username: 'Boris' }, true);
      await page.getByRole('button', { name: 'Create drive' }).click();
      await seesDrive(page);
      await expect(page.getByRole('button', { name: 'Account of boris' })).toBeVisible();
    });

    test(
      'an offered passphrase has seven words and opens the drive',
      details,
      async ({ page, home }) => {
        await page.goto(home.root);
        await typeInto(page.getByLabel('Name', { exact: true }), 'clara');
        await page.getByRole('button', { name: 'Suggest seven words' }).click();
        await page.getByRole('button', { name: 'Use these words' }).click();
        const password = await page.getByLabel('Password', { exact: true }).inputValue();
        expect(password.split(' ')).toHaveLength(7);
        await page.getByRole('button', { name: 'Create drive' }).click();
        await seesDrive(page);
        await signOut(page);
        await signIn(page, { username: 'clara', password });
      },
    );

    test('a wrong password and an unknown name open nothing', async ({ page, home }) => {
      await page.goto(home.root);
      await signUp(page, ANNA);
      await signOut(page);
      await isRefused(page, { ...ANNA, password: `${ANNA.password} ` });
      await isRefused(page, { ...ANNA, password: ANNA.password.toUpperCase() });
      await isRefused(page, { ...ANNA, username: 'annabel' });
      await signIn(page, ANNA);
    });

    test(
      'after a change of password only the new one works',
      details,
      async ({ page, home, profile }) => {
        const changed = { ...ANNA, password: 'silver-orchard-9-kestrels-wake' };
        await page.goto(home.root);
        await signUp(page, ANNA);
        await makeFolder(page, 'kept');
        await goTo(page, 'Settings');
        await changePassword(page, 'not the password at all', changed.password);
        await expect(page.getByRole('alert')).toBeVisible();
        await changePassword(page, ANNA.password, ANNA.username);
        await expect(page.getByText(/differ from the user name/)).toBeVisible();
        await changePassword(page, ANNA.password, changed.password);
        await expect(page.getByText('From now on only the new one works')).toBeVisible();
        // Who stays signed in, stays so over the change.
        const again = await profile.restart();
        await again.goto(home.root);
        await seesDrive(again);
        await sees(again, ['kept']);
        await signOut(again);
        await isRefused(again, ANNA);
        await signIn(again, changed);
        await sees(again, ['kept']);
      },
    );

    test(
      'several people share a browser and see only their own',
      details,
      async ({ page, home }) => {
        await page.goto(home.root);
        await signUp(page, ANNA);
        await makeFolder(page, 'of anna');
        await signOut(page);
        await page.getByRole('button', { name: 'Create drive' }).click();
        await signUp(page, BORIS, false);
        await makeFolder(page, 'of boris');
        await sees(page, ['of boris']);
        await page.reload();
        // Boris did not want to stay signed in; both names are offered, neither opens by itself.
        await expect(page.getByRole('button', { name: /^anna/ })).toBeVisible();
        await page.getByRole('button', { name: /^boris/ }).click();
        await typeInto(page.getByLabel('Password', { exact: true }), BORIS.password);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await seesDrive(page);
        await sees(page, ['of boris']);
        await signOut(page);
        await signIn(page, ANNA);
        await sees(page, ['of anna']);
        await signOut(page);
        await page.getByRole('button', { name: 'Forget boris on this device' }).click();
        await expect(page.getByRole('button', { name: /^boris/ })).toBeHidden();
        await signIn(page, BORIS);
        await sees(page, ['of boris']);
      },
    );
  });
}

test.describe('an invitation', () => {
  test.use({ nodeOptions: { signUps: 'token' } });

  test(
    'goes to the server its link names, and to no other',
    LONG,
    async ({ page, node, noConsoleErrors }) => {
      const token = node.running.operatorToken ?? '';
      const other = await NodeSite.open({ signUps: 'token', pageOrigins: [node.origin] });
      noConsoleErrors.own(other.origin);
      noConsoleErrors.allow(/status of 400/); // it does not take people without an invitation of its own
      let isTold = false;
      page.on('request', (request) => {
        const sent = `${request.url()} ${request.postDataBuffer()?.toString('latin1') ?? ''}`;
        if (request.url().startsWith(other.origin)) isTold ||= sent.includes(token);
      });
      try {
        await page.goto(`${node.root}#signup=true&token=${token}`);
        const field = page.getByLabel('Invitation');
        await expect(field).toHaveValue(token);
        await page.getByRole('button', { name: 'Change' }).click();
        await typeInto(page.getByLabel('Address of the server'), other.origin);
        await page.getByRole('button', { name: 'Use this server' }).click();
        await expect(page.getByText(`On ${other.host}`)).toBeVisible();
        await expect(field).toHaveValue('');
        await fillIn(page, ANNA, false);
        await page.getByRole('button', { name: 'Create drive' }).click();
        await expect(page.getByRole('alert')).toBeVisible();
        await page.getByRole('button', { name: 'Change' }).click();
        await typeInto(page.getByLabel('Address of the server'), node.origin);
        await page.getByRole('button', { name: 'Use this server' }).click();
        await expect(field).toHaveValue(token);
        await page.getByRole('button', { name: 'Create drive' }).click();
        await seesDrive(page);
        expect(isTold).toBe(false);
      } finally {
        await other.destroy();
      }
    },
  );
});

async function isRefused(page: Page, person: Person): Promise<void> {
  await toSignInForm(page);
  await fillIn(page, person, true);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeEnabled();
  await expect(page.getByRole('button', { name: 'New', exact: true })).toHaveCount(0);
}

async function changePassword(page: Page, before: string, after: string): Promise<void> {
  await typeInto(page.getByLabel('Current password', { exact: true }), before);
  await typeInto(page.getByLabel('New password', { exact: true }), after);
  await page.getByRole('button', { name: 'Change password' }).click();
}
