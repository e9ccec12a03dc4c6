/** The editor of texts, which runs in a frame that can reach nothing but its file. */
import { closeViewer, transfersEnd, viewer } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

test('a text is opened in the editor, changed and saved', async ({ page, site, fixtureFiles }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [fixtureFiles.file('script.ts', 'const first = 1;\n')]);
  await transfersEnd(page);
  await open(page, 'script.ts');
  const editor = viewer(page).frameLocator('iframe').getByRole('textbox');
  await expect(editor).toContainText('const first = 1;');
  // The grammar is a module of its own, loaded when a file needs it.
  await expect(editor.locator('.cm-line span').first()).toHaveText('const');
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('const second = 2;');
  await viewer(page).getByRole('button', { name: 'Save' }).click();
  await expect(viewer(page).getByRole('button', { name: 'Save' })).toBeHidden();
  await closeViewer(page);
  await page.reload();
  await seesDrive(page);
  await open(page, 'script.ts');
  await expect(editor).toContainText('const second = 2;');
});
