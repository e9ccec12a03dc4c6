/** Somebody who removed us is shown as such, and can be asked again. */
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import { ANNA, BORIS, signIn } from './pages/account-page.ts';
import { goTo, signOut } from './pages/drive-page.ts';
import { becomeFriends, does, openFilesOf, personRow } from './pages/friends-page.ts';

const [DESK] = SIZES;

test('who removed us is asked again', LONG, async ({ page, site }) => {
  await page.goto(site.root);
  await becomeFriends(page, ANNA, BORIS);
  await test.step('one removes the other', async () => {
    await goTo(page, 'Friends');
    await personRow(page, 'boris').getByText('boris', { exact: true }).click();
    await page.getByRole('button', { name: 'Remove as follower: boris' }).click();
    const question = page.getByRole('dialog');
    await question.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(question).toBeHidden();
    await expect(page.getByRole('button', { name: 'Remove as follower: boris' })).toBeHidden();
    await signOut(page);
  });
  await test.step('who sees it, and asks again', async () => {
    await signIn(page, BORIS);
    await goTo(page, 'Friends');
    await expect(
      personRow(page, 'anna').getByText('Does not let you follow any more'),
    ).toBeVisible();
    await inEverySize(page, 'friends, one removed us');
    await page.setViewportSize(DESK);
    await personRow(page, 'anna').getByText('anna', { exact: true }).click();
    await expect(page.getByText('anna does not let you follow any more')).toBeVisible();
    await inEverySize(page, 'person who removed us');
    await page.setViewportSize(DESK);
    await page.getByRole('button', { name: 'Ask again: anna' }).click();
    await expect(page.getByText('anna was asked.')).toBeVisible();
    await signOut(page);
  });
  await test.step('and is let in again', async () => {
    await signIn(page, ANNA);
    await goTo(page, 'Friends');
    await does(page, 'boris', 'Allow and follow back');
    await expect(page.getByRole('heading', { name: 'Requests to follow you' })).toBeHidden();
    await signOut(page);
    await signIn(page, BORIS);
    await goTo(page, 'Friends');
    await expect(page.getByRole('heading', { name: 'Asked, no answer yet' })).toBeHidden();
    await openFilesOf(page, ANNA);
    await expect(page.getByText('This folder is empty')).toBeVisible();
  });
});
