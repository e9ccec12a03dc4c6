/** The screens of people with the keyboard alone: no click, no pointer. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import {
  ANNA,
  BORIS,
  entry,
  pickFiles,
  signIn,
  signUp,
  type Person,
} from './pages/account-page.ts';
import { sees, signOut, transfersEnd } from './pages/drive-page.ts';
import { keepsPlace, pressByKeys, seesFocus, tabTo, tabToIt } from './pages/keys.ts';

const [DESK] = SIZES;
const sheet = (page: Page) => page.getByRole('dialog');

test(
  'ask, answer, compare, share, link, take back and show by keys',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    test.setTimeout(240_000);
    await page.setViewportSize(DESK);
    await page.goto(site.root);
    await signUp(page, BORIS);
    await signOut(page);
    await signUp(page, ANNA);
    await pickFiles(page, [fixtureFiles.file('plan.txt', 'the plan')]);
    await transfersEnd(page);
    await test.step('one asks to follow', async () => {
      await goByKeys(page, 'Friends');
      await tabTo(page, 'searchbox', 'Find people');
      await seesFocus(page);
      await page.keyboard.type(BORIS.username);
      await pressByKeys(page, 'button', 'Ask to follow: boris');
      await expect(page.getByText('boris was asked.')).toBeVisible();
      await keepsPlace(page, 'asking');
    });
    await changePerson(page, BORIS);
    await test.step('the other one answers, and compares the keys', async () => {
      await goByKeys(page, 'Friends');
      await pressByKeys(page, 'button', 'Allow and follow back: anna');
      await expect(page.getByRole('heading', { name: 'Requests to follow you' })).toBeHidden();
      await keepsPlace(page, 'answering');
      await pressByKeys(page, 'button', 'Verify: anna');
      await expect(sheet(page).getByText('Not verified yet.')).toBeVisible();
      await pressByKeys(page, 'button', 'They match');
      await expect(sheet(page).getByText(/^Verified\./)).toBeVisible();
      await keepsPlace(page, 'saying that they match');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('button', { name: 'Verify: anna' })).toBeFocused();
    });
    await test.step('looks at the page of a person, and goes back', async () => {
      await pressByKeys(page, 'button', /^anna/);
      await expect(page.getByRole('heading', { name: 'anna', level: 1 })).toBeFocused();
      await inEverySize(page, 'person, by keys');
      await page.setViewportSize(DESK);
      await pressByKeys(page, 'button', 'Back');
      await expect(page.getByRole('heading', { name: 'Friends', level: 1 })).toBeVisible();
    });
    await changePerson(page, ANNA);
    // The answer is acted on while the page of people reads it.
    await goByKeys(page, 'Friends');
    await expect(page.getByRole('button', { name: 'Open files: boris' })).toBeVisible();
    await goByKeys(page, 'Drive');
    await test.step('a file is shared, and gets a link', () => share(page));
    await test.step('both are taken back', () => takeBack(page));
    await test.step('a friend sees what the profile says', async () => {
      await goByKeys(page, 'Friends');
      await pressByKeys(page, 'button', 'Your profile');
      await tabTo(page, 'textbox', 'First name');
      await seesFocus(page);
      await page.keyboard.type('Anna Maria');
      await tabTo(page, 'combobox', 'Who sees it: First name');
      await seesFocus(page);
      await page.keyboard.press('ArrowDown');
      await tabTo(page, 'textbox', 'First name');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
      await expect(page.getByRole('textbox', { name: 'First name' })).toBeFocused();
      await inEverySize(page, 'profile, by keys');
      await page.setViewportSize(DESK);
    });
    await test.step('a question before a person is blocked gives the focus back', async () => {
      await goByKeys(page, 'Friends');
      await pressByKeys(page, 'button', /^boris/);
      await pressByKeys(page, 'button', 'Unfollow and block: boris');
      await expect(sheet(page)).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(page.getByRole('button', { name: 'Unfollow and block: boris' })).toBeFocused();
      await page.keyboard.press('Enter');
      await pressByKeys(page, 'button', 'Unfollow and block');
      await expect(page.getByRole('button', { name: 'Unblock: boris' })).toBeVisible();
      await keepsPlace(page, 'blocking');
      await pressByKeys(page, 'button', 'Unblock: boris');
      await expect(page.getByRole('button', { name: 'Unblock: boris' })).toBeHidden();
      await keepsPlace(page, 'unblocking');
    });
  },
);

async function share(page: Page): Promise<void> {
  await tabTo(page, 'grid', 'Files and folders');
  await page.keyboard.press('Home');
  await pressByKeys(page, 'button', 'Share…');
  await expect(sheet(page)).toBeVisible();
  await tabTo(page, 'textbox', 'Add people or groups');
  await page.keyboard.type('bor');
  await pressByKeys(page, 'button', 'boris');
  await keepsPlace(page, 'choosing a person');
  await pressByKeys(page, 'button', 'Share');
  await expect(page.getByRole('button', { name: 'Stop sharing with boris' })).toBeVisible();
  await keepsPlace(page, 'sharing');
  await pressByKeys(page, 'button', 'Create link');
  await expect(page.getByRole('button', { name: /^More for the link/ })).toBeVisible();
  await keepsPlace(page, 'making a link');
  await inEverySize(page, 'share sheet, by keys');
  await page.setViewportSize(DESK);
  await page.keyboard.press('Escape');
  await expect(sheet(page)).toBeHidden();
  await keepsPlace(page, 'closing the share sheet');
  await expect(
    entry(page, 'plan.txt').getByRole('img', { name: /Shared with boris/ }),
  ).toBeVisible();
}

async function takeBack(page: Page): Promise<void> {
  await goByKeys(page, 'Shared');
  await pressByKeys(page, 'button', /^More for the link/);
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await pressByKeys(page, 'button', 'Delete link');
  await expect(page.getByRole('button', { name: /^More for the link/ })).toBeHidden();
  await keepsPlace(page, 'deleting a link');
  await pressByKeys(page, 'button', 'Show');
  await sees(page, ['plan.txt']);
  await tabTo(page, 'grid', 'Files and folders');
  await page.keyboard.press('Home');
  await pressByKeys(page, 'button', 'Share…');
  const stop = page.getByRole('button', { name: 'Stop sharing with boris' });
  await pressByKeys(page, 'button', 'Stop sharing with boris');
  await expect(sheet(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(stop).toBeFocused();
  await page.keyboard.press('Enter');
  await pressByKeys(page, 'button', 'Stop sharing');
  await expect(stop).toBeHidden();
  await keepsPlace(page, 'taking access back');
  await page.keyboard.press('Escape');
  await expect(sheet(page)).toBeHidden();
}

/** By a button of the rail. */
async function goByKeys(page: Page, name: string): Promise<void> {
  const rail = page.getByRole('navigation', { name: 'Main' });
  await tabToIt(page, rail.getByRole('button', { name }), name);
  await seesFocus(page);
  await page.keyboard.press('Enter');
  const heading = page.getByRole('heading', { name, level: 1 });
  await expect(heading.or(page.getByRole('grid')).first()).toBeVisible();
}

/** Out by keys, and in as somebody else. */
async function changePerson(page: Page, person: Person): Promise<void> {
  await pressByKeys(page, 'button', /^Account of/);
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await signIn(page, person);
}
