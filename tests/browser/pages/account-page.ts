/** What a person does at the screens, in the words the screens use. */
import { expect, type Locator, type Page } from '@playwright/test';

export interface Person {
  readonly username: string;
  readonly password: string;
}

/** Long enough for every strength check, and no word of it in a name. */
export const ANNA: Person = { username: 'anna', password: 'violet-harbour-7-lanterns-drift' };
export const BORIS: Person = { username: 'boris', password: 'copper-meadow-4-thistles-hum' };

/** Whether somebody stays signed in, or that no address where other sites can look offers it. */
type Stay = boolean | 'not-here';

/** From the welcome screen to an empty drive. */
export async function signUp(page: Page, person: Person, stay: Stay = true): Promise<void> {
  const heading = page.getByRole('heading', { name: 'Create your drive' });
  const invitation = page.getByRole('button', { name: 'Create drive' });
  await expect(heading.or(invitation).first()).toBeVisible();
  if (!(await heading.isVisible())) await invitation.click();
  await fillIn(page, person, stay);
  await page.getByRole('button', { name: 'Create drive' }).click();
  await seesDrive(page);
}

/** From the welcome screen, whatever it offers first, to the drive. */
export async function signIn(page: Page, person: Person, stay: Stay = true): Promise<void> {
  await toSignInForm(page);
  await fillIn(page, person, stay);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await seesDrive(page);
}

/** The welcome screen offers accounts it knows, a new account, or the form itself. */
export async function toSignInForm(page: Page): Promise<void> {
  const other = page.getByRole('button', { name: 'Use another name' });
  const form = page.getByRole('heading', { name: 'Welcome back' });
  const signUpForm = page.getByRole('heading', { name: 'Create your drive' });
  await expect(form.or(signUpForm)).toBeVisible();
  if (await signUpForm.isVisible()) {
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  } else if (await other.isVisible()) {
    await other.click();
  }
}

/**
 * Types into a field as a person does, key by key, in place of what stands there. The keys go to
 * whatever has the focus, so a form that moves it in the middle of a word is found out.
 */
export async function typeInto(field: Locator, text: string): Promise<void> {
  await field.click();
  await field.press('ControlOrMeta+a');
  if (text === '') await field.press('Delete');
  else await field.page().keyboard.type(text);
  await expect(field).toHaveValue(text);
}

export async function fillIn(page: Page, person: Person, stay: Stay): Promise<void> {
  await typeInto(page.getByLabel('Name', { exact: true }), person.username);
  await typeInto(page.getByLabel('Password', { exact: true }), person.password);
  const choice = page.getByRole('checkbox', { name: 'Stay signed in on this device' });
  if (stay !== 'not-here') return choice.setChecked(stay);
  await expect(page.getByText('Nobody stays signed in here')).toBeVisible();
  await expect(choice).toBeHidden();
}

/** The drive is on screen and its folder has been read. */
export async function seesDrive(page: Page): Promise<void> {
  // Opening a drive costs a password's worth of work, with a second factor twice.
  const add = page.getByRole('button', { name: 'New', exact: true });
  await expect(add).toBeEnabled({ timeout: 30_000 });
}

/** As in browsers without a picker that gives handles; only the other one can be driven here. */
export async function hasOldPicker(page: Page): Promise<void> {
  // Choosers are caught from now on: told at the last moment, a busy browser opens one of its own.
  page.on('filechooser', () => undefined);
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showOpenFilePicker'));
}

/** Puts files of this machine into the folder on screen, through the file picker's input. */
export async function pickFiles(page: Page, paths: string[]): Promise<void> {
  await page.locator('#pick-files').setInputFiles(paths);
}

/** The row or tile of an entry. */
export function entry(page: Page, name: string): Locator {
  return page.locator('[data-index]').filter({ hasText: name });
}

export async function open(page: Page, name: string): Promise<void> {
  await entry(page, name).dblclick();
}
