/** What a person does with other people, in the words the screens use. */
import { expect, type Locator, type Page } from '@playwright/test';
import { signIn, signUp, type Person } from './account-page.ts';
import { goTo, signOut } from './drive-page.ts';

export function personRow(page: Page, name: string): Locator {
  return page.locator('.row').filter({ has: page.getByText(name, { exact: true }) });
}

/** Presses what can be done with somebody. */
export async function does(page: Page, name: string, words: string): Promise<void> {
  await personRow(page, name)
    .getByRole('button', { name: `${words}: ${name}` })
    .click();
}

/** From the welcome screen: both sign up and are friends; the first is signed in, in the drive. */
export async function becomeFriends(page: Page, first: Person, second: Person): Promise<void> {
  await signUp(page, second);
  await signOut(page);
  await signUp(page, first);
  await goTo(page, 'Friends');
  await page.getByLabel('Find people').fill(second.username);
  await does(page, second.username, 'Ask to follow');
  await expect(page.getByText(`${second.username} was asked.`)).toBeVisible();
  await signOut(page);
  await signIn(page, second);
  await goTo(page, 'Friends');
  await does(page, first.username, 'Allow and follow back');
  await expect(page.getByRole('heading', { name: 'Requests to follow you' })).toBeHidden();
  await signOut(page);
  await signIn(page, first);
  // The answer is acted on while the page of people reads it.
  await goTo(page, 'Friends');
  await expect(page.getByRole('button', { name: `Open files: ${second.username}` })).toBeVisible();
  await goTo(page, 'Drive');
}

export async function openFilesOf(page: Page, { username }: Person): Promise<void> {
  await goTo(page, 'Friends');
  await does(page, username, 'Open files');
}
