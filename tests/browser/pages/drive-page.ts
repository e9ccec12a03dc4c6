/** What a person does with the files of a drive, in the words the screens use. */
import { readFileSync } from 'node:fs';
import {
  expect,
  type Download,
  type FrameLocator,
  type Locator,
  type Page,
} from '@playwright/test';
import { entry, open, seesDrive, typeInto } from './account-page.ts';

/** Chooses an operation from the menu of an entry. */
export async function act(page: Page, name: string, words: string): Promise<void> {
  await entry(page, name).click({ button: 'right' });
  await page.getByRole('menuitem', { name: words }).click();
}

export async function makeFolder(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New folder' }).click();
  await answerName(page, name, 'Create');
}

/** Makes an empty file, which is then open in the editor. */
export async function makeFile(
  page: Page,
  kind: 'Text file' | 'Markdown note' | 'Other file…',
  name: string,
): Promise<void> {
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: kind }).click();
  await typeInto(page.getByRole('dialog').getByRole('textbox'), name);
  await page.keyboard.press('Enter');
  await expect(editor(page)).toBeVisible();
}

export async function rename(page: Page, from: string, to: string): Promise<void> {
  await act(page, from, 'Rename');
  await answerName(page, to, 'Rename');
}

/** Types into the dialog that asks for a name, and waits until it is content. */
export async function answerName(page: Page, name: string, words: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await typeInto(dialog.getByRole('textbox'), name);
  await dialog.getByRole('button', { name: words, exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Moves or copies an entry into a folder that lies beside it. */
export async function bring(
  page: Page,
  name: string,
  kind: 'Move' | 'Copy',
  folder: string,
): Promise<void> {
  await act(page, name, `${kind} to…`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: folder }).click();
  const path = dialog.getByRole('navigation', { name: 'Path of the chosen folder' });
  await expect(path.getByRole('button', { name: folder })).toHaveAttribute(
    'aria-current',
    'location',
  );
  await dialog.getByRole('button', { name: `${kind} here` }).click();
  await expect(dialog).toBeHidden();
}

/** Presses "Undo" in the note with these words. */
export async function undo(page: Page, words: string): Promise<void> {
  const note = page.getByRole('status').filter({ hasText: words });
  await note.getByRole('button', { name: 'Undo' }).click();
}

/** Saves an entry to this machine; the bytes that arrived. */
export async function download(page: Page, name: string): Promise<Buffer> {
  return readFileSync(await (await beginDownload(page, name)).path());
}

export async function beginDownload(page: Page, name: string): Promise<Download> {
  const begun = page.waitForEvent('download');
  await act(page, name, 'Download');
  return begun;
}

/** Waits until nothing is under way and nothing has failed: the words a screen reader speaks. */
export async function transfersEnd(page: Page, timeout = 60_000): Promise<void> {
  await expect(page.getByText('All transfers are done').first()).toBeAttached({ timeout });
}

export async function goTo(
  page: Page,
  screen: 'Drive' | 'Friends' | 'Shared' | 'Apps' | 'Trash' | 'Settings',
): Promise<void> {
  // On a phone the acts on what is selected stand where the places are.
  const clear = page.getByRole('button', { name: 'Clear selection' });
  if (isNarrow(page) && (await clear.isVisible())) await clear.click();
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: screen })
    .click();
}

const isNarrow = (page: Page): boolean => (page.viewportSize()?.width ?? 0) <= 640;

/** Into a folder, until what is in it is on screen. */
export async function enter(page: Page, name: string): Promise<void> {
  await open(page, name);
  const path = page.getByRole('navigation', { name: 'Folder path' });
  const last = path.getByRole('button', { name, exact: true });
  await expect(last).toHaveAttribute('aria-current', 'location');
  await seesDrive(page);
}

/** Up the path, by its name; `Home` is the top. On a phone, one step up. */
export async function goUp(page: Page, name: string): Promise<void> {
  const path = page.getByRole('navigation', { name: 'Folder path' });
  if (isNarrow(page)) return path.getByRole('button', { name: 'Up one folder' }).first().click();
  await path.getByRole('button', { name, exact: true }).click();
}

export function viewer(page: Page): Locator {
  return page.getByRole('dialog', { name: /^Viewer/ });
}

/** What shows a text: a frame in the viewer. */
export function textFrame(page: Page): FrameLocator {
  return viewer(page).frameLocator('iframe');
}

/** The text in the editor of the viewer. */
export function editor(page: Page): Locator {
  return textFrame(page).getByRole('textbox', { name: 'Text of the file' });
}

/** What was typed is in the file. */
export async function textIsSaved(page: Page): Promise<void> {
  await expect(textFrame(page).getByText('All changes are saved')).toBeVisible();
}

/** These words are in the text that the viewer shows. */
export async function seesText(page: Page, words: string | RegExp): Promise<void> {
  await expect(editor(page)).toContainText(words);
}

/** Chooses how the file in the viewer is looked at. */
export async function lookAs(
  page: Page,
  look: 'Text' | 'Image' | 'Audio' | 'Video' | 'Bytes',
): Promise<void> {
  await viewer(page).getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitemradio', { name: look }).click();
}

export async function closeViewer(page: Page): Promise<void> {
  await viewer(page).getByRole('button', { name: 'Close', exact: true }).click();
  await expect(viewer(page)).toBeHidden();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
}

/** Exactly these names are in the folder on screen. */
export async function sees(page: Page, names: readonly string[]): Promise<void> {
  await expect(async () => {
    const shown = await page.locator('[data-index] bdi').allTextContents();
    expect(shown.sort()).toEqual([...names].sort());
  }).toPass({ timeout: 20_000 });
}
