/** What is shared is marked where it lies; what others share says whether it may be changed. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import { act, makeFolder, sees, signOut, transfersEnd } from './pages/drive-page.ts';
import { ANNA, BORIS, entry, open, pickFiles, signIn } from './pages/account-page.ts';
import { becomeFriends, openFilesOf } from './pages/friends-page.ts';

const [DESK] = SIZES;

test(
  'entries say how they are shared, in the list and as tiles',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    await page.goto(site.root);
    await becomeFriends(page, ANNA, BORIS);
    await makeFolder(page, 'album');
    await open(page, 'album');
    await makeFolder(page, 'inside');
    await page.goBack();
    await makeFolder(page, 'notes');
    const names = ['plan.txt', 'own.txt'];
    await pickFiles(
      page,
      names.map((name) => fixtureFiles.file(name, name)),
    );
    await sees(page, ['album', 'notes', ...names]);
    await transfersEnd(page);
    const mark = (name: string) => entry(page, name).getByRole('img', { name: /Shared|link|edit/ });

    await test.step('nothing is marked that is not shared', async () => {
      await expect(page.getByRole('img', { name: /Shared|link/ })).toHaveCount(0);
    });
    await test.step('a mark comes with sharing, and with a link', async () => {
      await shareWith(page, 'album', BORIS.username, 'Can view');
      await expect(mark('album')).toHaveAccessibleName('Shared with boris');
      await shareWith(page, 'notes', BORIS.username, 'Can edit');
      await expect(mark('notes')).toHaveAccessibleName('Shared with boris');
      await shareWith(page, 'notes', 'All friends', 'Can view');
      await expect(mark('notes')).toHaveAccessibleName('Shared with all friends and boris');
      await act(page, 'plan.txt', 'Share…');
      await makeLink(page);
      await expect(mark('plan.txt')).toHaveAccessibleName('Has a link');
      await expect(mark('own.txt')).toHaveCount(0);
      await inEverySize(page, 'marks, list');
      await page.setViewportSize(DESK);
    });
    await test.step('tiles have it, and the details say it', async () => {
      await entry(page, 'notes').click();
      await page.getByRole('button', { name: 'Details', exact: true }).first().click();
      const panel = page.getByRole('complementary', { name: 'Details' });
      await expect(panel).toContainText('Shared with all friends and boris');
      await page.getByRole('button', { name: 'Close' }).first().click();
      await page.getByRole('button', { name: 'Grid' }).click();
      await expect(mark('album')).toHaveAccessibleName('Shared with boris');
      await page.keyboard.press('Escape');
      await inEverySize(page, 'marks, tiles');
      await page.setViewportSize(DESK);
    });
    await test.step('only what is shared is shown, if that is asked for', async () => {
      await page.getByRole('button', { name: 'Sort' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'Only what I share' }).click();
      await sees(page, ['album', 'notes', 'plan.txt']);
      await expect(entry(page, 'own.txt')).toBeHidden();
      await inEverySize(page, 'marks, only what is shared');
      await page.setViewportSize(DESK);
      await page.getByRole('button', { name: 'Only what I share' }).click();
      await expect(entry(page, 'own.txt')).toBeVisible();
      await page.getByRole('button', { name: 'List' }).click();
    });
    await test.step('what is shared is asked about before it goes into the trash', async () => {
      await act(page, 'plan.txt', 'Move to trash');
      const question = page.getByRole('dialog', { name: 'Move “plan.txt” to the trash?' });
      await expect(question).toContainText('Has a link.');
      await inEverySize(page, 'question before the trash');
      await page.setViewportSize(DESK);
      await question.getByRole('button', { name: 'Who has access' }).click();
      await expect(page.getByRole('dialog', { name: /^Share/ })).toBeVisible();
      await page.keyboard.press('Escape');
      await act(page, 'plan.txt', 'Move to trash');
      await question.getByRole('button', { name: 'Move to trash' }).click();
      await expect(entry(page, 'plan.txt')).toBeHidden();
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(mark('plan.txt')).toHaveAccessibleName('Has a link');
    });
    await test.step('they are there after a reload', async () => {
      await page.reload();
      await expect(mark('plan.txt')).toHaveAccessibleName('Has a link');
      await expect(mark('album')).toHaveAccessibleName('Shared with boris');
      await signOut(page);
    });
    await test.step('to whom it is shared sees what may be changed', async () => {
      await signIn(page, BORIS);
      await openFilesOf(page, ANNA);
      await sees(page, ['album', 'notes']);
      await expect(mark('notes')).toHaveAccessibleName('You can edit this');
      await expect(mark('album')).toHaveCount(0);
      await inEverySize(page, 'marks, of a friend');
      await page.setViewportSize(DESK);
    });
    await test.step('and leaves it, after it was said what that means', async () => {
      await act(page, 'notes', 'Leave…');
      const question = page.getByRole('dialog', { name: 'Leave “notes”?' });
      await expect(question).toContainText('It comes back when anna shares it with you again.');
      await inEverySize(page, 'leaving');
      await page.setViewportSize(DESK);
      await question.getByRole('button', { name: 'Leave', exact: true }).click();
      await expect(page.getByText('You left 1 item.')).toBeVisible();
      await expect(entry(page, 'notes')).toBeHidden();
      await page.getByRole('button', { name: 'Undo' }).click();
      await sees(page, ['album', 'notes']);
      await act(page, 'notes', 'Leave…');
      await question.getByRole('button', { name: 'Leave', exact: true }).click();
      await expect(entry(page, 'notes')).toBeHidden();
      await page.reload();
      await sees(page, ['album']);
      await expect(entry(page, 'notes')).toBeHidden();
    });
    await test.step('what lies in a shared folder cannot be left by itself', async () => {
      await open(page, 'album');
      await sees(page, ['inside']);
      await entry(page, 'inside').click({ button: 'right' });
      await expect(page.getByRole('menuitem', { name: 'Details' })).toBeVisible();
      await expect(page.getByRole('menuitem', { name: 'Leave…' })).toHaveCount(0);
    });
  },
);

async function closeSheet(page: Page): Promise<void> {
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Close' }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('grid')).toBeFocused();
}

async function shareWith(
  page: Page,
  name: string,
  recipient: string,
  right: 'Can view' | 'Can edit',
): Promise<void> {
  await act(page, name, 'Share…');
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: recipient }).first().click();
  await sheet.getByText(right, { exact: true }).first().click();
  await sheet.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(sheet.getByRole('button', { name: `Stop sharing with ${recipient}` })).toBeVisible();
  await closeSheet(page);
}

async function makeLink(page: Page): Promise<void> {
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Create link' }).click();
  await expect(page.getByText('The link is ready.')).toBeVisible();
  await closeSheet(page);
}
