/** Two people with drives in one browser find each other, share, and take it back. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, test } from './fixtures.ts';
import {
  act,
  closeViewer,
  goTo,
  sees,
  seesText,
  signOut,
  transfersEnd,
} from './pages/drive-page.ts';
import { ANNA, BORIS, entry, open, pickFiles, signIn, signUp } from './pages/account-page.ts';

const [DESK] = SIZES;
const person = (page: Page, name: string) =>
  page.locator('.row').filter({ has: page.getByText(name, { exact: true }) });

async function does(page: Page, name: string, words: string): Promise<void> {
  await person(page, name)
    .getByRole('button', { name: `${words}: ${name}` })
    .click();
}

test('two people become friends, share a file, and one takes it back', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await signUp(page, BORIS);
  await signOut(page);
  await signUp(page, ANNA);
  await pickFiles(page, [fixtureFiles.file('plan.txt', 'We meet at noon.')]);
  await sees(page, ['plan.txt']);
  await transfersEnd(page);

  await test.step('one asks to follow the other', async () => {
    await goTo(page, 'Friends');
    await expect(page.getByText('Nobody yet')).toBeVisible();
    await inEverySize(page, 'friends, empty');
    await page.setViewportSize(DESK);
    await page.getByLabel('Find people').fill('bor');
    await does(page, 'boris', 'Ask to follow');
    await expect(page.getByText('boris was asked.')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Asked, no answer yet' })).toBeVisible();
    await signOut(page);
  });

  await test.step('who allows it and follows back', async () => {
    await signIn(page, BORIS);
    await expect(page.getByLabel('1 request to follow you').first()).toBeVisible();
    await goTo(page, 'Friends');
    await inEverySize(page, 'friends, with a request');
    await page.setViewportSize(DESK);
    await does(page, 'anna', 'Allow and follow back');
    await expect(page.getByRole('heading', { name: 'Requests to follow you' })).toBeHidden();
    await expect(person(page, 'anna')).toBeVisible();
    await signOut(page);
  });

  await test.step('a file is shared', async () => {
    await signIn(page, ANNA);
    await act(page, 'plan.txt', 'Share…');
    const sheet = page.getByRole('dialog');
    await expect(sheet).toBeVisible();
    await sheet.getByRole('button', { name: 'boris' }).click();
    await inEverySize(page, 'sharing sheet');
    await page.setViewportSize(DESK);
    await sheet.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(sheet.getByText('Who has access')).toBeVisible();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await goTo(page, 'Shared');
    await expect(page.getByText('With boris')).toBeVisible();
    await inEverySize(page, 'shared');
    await page.setViewportSize(DESK);
    await signOut(page);
  });

  await test.step('and is read by the friend, also after a reload in the middle of it', async () => {
    await signIn(page, BORIS);
    await goTo(page, 'Friends');
    await does(page, 'anna', 'Open files');
    await sees(page, ['plan.txt']);
    await page.reload();
    await sees(page, ['plan.txt']);
    await open(page, 'plan.txt');
    await seesText(page, 'We meet at noon.');
    await closeViewer(page);
    await signOut(page);
  });

  await test.step('until it is taken back', async () => {
    await signIn(page, ANNA);
    await goTo(page, 'Drive');
    await act(page, 'plan.txt', 'Share…');
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Stop sharing with boris' }).click();
    await sheet.getByRole('checkbox', { name: 'Make it certain' }).check();
    await inEverySize(page, 'sharing sheet, stopping');
    await page.setViewportSize(DESK);
    await sheet.getByRole('button', { name: 'Stop sharing', exact: true }).last().click();
    await expect(page.getByText('Everything is encrypted again.')).toBeVisible();
    await expect(sheet.getByText('Who has access')).toBeHidden();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await signOut(page);
    await signIn(page, BORIS);
    await goTo(page, 'Friends');
    await does(page, 'anna', 'Open files');
    await expect(page.getByText('This folder is empty')).toBeVisible();
    await expect(entry(page, 'plan.txt')).toBeHidden();
  });
});
