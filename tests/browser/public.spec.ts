/** A folder at a node is made public from the sharing sheet, read by a visitor, and made private. */
import type { Page } from '@playwright/test';
import { inEverySize } from './accessibility-check.ts';
import { test as base, expect } from './fixtures.ts';
import { ANNA, pickFiles, signUp } from './pages/account-page.ts';
import { act, enter, goUp, makeFolder, sees, transfersEnd } from './pages/drive-page.ts';
import { Profile } from './profile.ts';

const test = base.extend({
  browserOptions: async ({}, use) => {
    await use({ context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  },
});

const sheet = (page: Page) => page.getByRole('dialog', { name: /^Share/ });

test('a folder is public at its address until its owner ends that', async ({
  page,
  node,
  fixtureFiles,
  noConsoleErrors,
}) => {
  noConsoleErrors.allow(/status of 40[04]/);
  await page.goto(node.root);
  await signUp(page, ANNA);
  await makeFolder(page, 'recipes');
  await enter(page, 'recipes');
  await pickFiles(page, [fixtureFiles.file('soup.txt', 'Leek and potato.')]);
  await sees(page, ['soup.txt']);
  await transfersEnd(page);
  await goUp(page, 'Home');
  const address = await test.step('made public', async () => {
    await act(page, 'recipes', 'Share…');
    await sheet(page).getByRole('button', { name: 'Make public…' }).click();
    await expect(sheet(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
    await inEverySize(page, 'sharing, about to be public');
    await sheet(page).getByRole('button', { name: 'Make public', exact: true }).click();
    await expect(sheet(page).getByText('This is public:')).toBeVisible();
    await inEverySize(page, 'sharing, public');
    await sheet(page).getByRole('button', { name: 'Copy address' }).click();
    return page.evaluate(() => navigator.clipboard.readText());
  });
  expect(address).toBe(`${node.origin}/public/anna/recipes`);

  await test.step('what lies in it says by which folder', async () => {
    await sheet(page).getByRole('button', { name: 'Close', exact: true }).click();
    await enter(page, 'recipes');
    await act(page, 'soup.txt', 'Share…');
    await expect(sheet(page).getByText('because the folder “recipes” is')).toBeVisible();
    await expect(sheet(page).getByRole('button', { name: 'Stop being public…' })).toBeHidden();
    await sheet(page).getByRole('button', { name: 'Close', exact: true }).click();
    await goUp(page, 'Home');
  });

  await test.step('read by a visitor', async () => {
    const visitor = new Profile({ prepare: (context) => noConsoleErrors.attach(context) });
    const there = await visitor.page();
    await there.goto(address);
    await sees(there, ['soup.txt']);
    await visitor.destroy();
  });

  await test.step('ended', async () => {
    await act(page, 'recipes', 'Share…');
    await sheet(page).getByRole('button', { name: 'Stop being public…' }).click();
    await sheet(page).getByRole('button', { name: 'Stop being public', exact: true }).click();
    await expect(sheet(page).getByText('Not public:')).toBeVisible();
    const answer = await fetch(address, { redirect: 'manual' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});
