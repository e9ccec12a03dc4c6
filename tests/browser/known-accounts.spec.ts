/** An account on a server that is not as this browser remembers it: named, and asked about. */
import type { Page } from '@playwright/test';
import { createPointerMemory } from '#lib/writers/index.ts';
import { changePassword, signUp as signUpFromHere } from '#lib/account/index.ts';
import { newLoginAlgorithm, startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { makeFolder, sees, signOut } from './pages/drive-page.ts';
import { expect, test, LONG } from './fixtures.ts';
import type { NodeSite } from './node-site.ts';
import {
  ANNA,
  fillIn,
  seesDrive,
  signUp,
  toSignInForm,
  type Person,
} from './pages/account-page.ts';

const BETTER = 'amber-quarry-6-swallows-turn';

test(
  'another identity is named, and opens only when that is meant',
  LONG,
  async ({ page, node, noConsoleErrors }) => {
    noConsoleErrors.allow(/ERR_CONNECTION_(?:REFUSED|RESET)/);
    const logins = countLogins(page);
    await page.goto(node.root);
    await signUp(page, ANNA);
    await makeFolder(page, 'of the first server');
    await signOut(page);
    await node.replace();
    await signUpFromHere(await deviceAt(node), {
      ...ANNA,
      algorithm: newLoginAlgorithm(systemRandom),
    });
    const before = logins();
    await test.step('nothing of the password is sent before', async () => {
      await page.goto(node.root);
      await submit(page, ANNA);
      await expect(page.getByRole('alert')).toContainText('Another identity is shown for anna');
      await expect(anyway(page)).toBeVisible();
      expect(logins()).toBe(before);
    });
    await test.step('who leaves it at that is asked again', async () => {
      await page.reload();
      await submit(page, ANNA);
      await expect(anyway(page)).toBeVisible();
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(page.getByRole('alert')).toContainText('Another identity');
      expect(logins()).toBe(before);
    });
    await test.step('who means it is in, and is not asked again', async () => {
      await anyway(page).click();
      await seesDrive(page);
      await sees(page, []);
      expect(logins()).toBeGreaterThan(before);
      await signOut(page);
      await submit(page, ANNA);
      await seesDrive(page);
    });
  },
);

test(
  'a password that was changed on another device is asked about',
  LONG,
  async ({ page, node }) => {
    const logins = countLogins(page);
    await page.goto(node.root);
    await signUp(page, ANNA);
    await makeFolder(page, 'kept');
    await signOut(page);
    const { username, password: oldPassword } = ANNA;
    await changePassword(await deviceAt(node), { username, oldPassword, newPassword: BETTER });
    const before = logins();
    await submit(page, { username, password: BETTER });
    await expect(page.getByRole('alert')).toContainText('The password of anna was changed since');
    expect(logins()).toBe(before);
    await anyway(page).click();
    await seesDrive(page);
    await sees(page, ['kept']);
    await signOut(page);
    await submit(page, { username, password: BETTER });
    await seesDrive(page);
  },
);

const anyway = (page: Page) => page.getByRole('button', { name: 'Sign in anyway' });

async function submit(page: Page, person: Person): Promise<void> {
  await toSignInForm(page);
  await fillIn(page, person, false);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** How often the browser has told a server what comes of a password. */
function countLogins(page: Page): () => number {
  let count = 0;
  page.context().on('request', (request) => {
    if (request.url().includes('/login/getLogin')) count++;
  });
  return () => count;
}

/** Another device of the same person. */
async function deviceAt(node: NodeSite) {
  await startCrypto();
  return {
    node: createHttpNode(node.origin),
    random: systemRandom,
    clock: () => Date.now(),
    pointerMemory: createPointerMemory(),
  };
}
