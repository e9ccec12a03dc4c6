/** The apps that `docs/examples` shows: installed from archives, and used. */
import { archive, inApp, install, runner } from './pages/apps-page.ts';
import { goTo, transfersEnd } from './pages/drive-page.ts';
import { expect, test, LONG } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

test('the todo board keeps a board in a file of the drive', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [fixtureFiles.file('home.board', '{"todo":["water the plants"]}')]);
  await transfersEnd(page);
  await install(page, archive(fixtureFiles, 'todo-board'));
  await goTo(page, 'Drive');
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Todo board' }).click();
  await page.getByRole('textbox').last().fill('work.board');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(inApp(page).getByRole('heading', { name: 'To do' })).toBeVisible();
  await runner(page).getByRole('button', { name: 'Close' }).click();
  await entry(page, 'home.board').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Edit in Todo board' }).click();
  const app = inApp(page);
  await app.getByRole('button', { name: 'Move “water the plants” to Doing' }).click();
  await expect(app.getByRole('status')).toHaveText('Saved');
  await app.getByRole('textbox', { name: 'New card in To do' }).fill('buy <b>milk</b>');
  await page.keyboard.press('Enter');
  await expect(app.getByText('buy <b>milk</b>')).toBeVisible();
  await expect(app.getByRole('status')).toHaveText('Saved');
  await runner(page).getByRole('button', { name: 'Close' }).click();
  await page.reload();
  await seesDrive(page);
  await entry(page, 'home.board').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Edit in Todo board' }).click();
  await expect(app.getByText('buy <b>milk</b>')).toBeVisible();
});

test(
  'the photo frame shows the pictures of a folder that is chosen',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    await page.goto(site.root);
    await seesDrive(page);
    await pickFiles(page, [fixtureFiles.file('red.png', picture(8, 8, [200, 0, 0]))]);
    await transfersEnd(page);
    await install(page, archive(fixtureFiles, 'photo-frame'));
    await page.getByRole('button', { name: /^Photo frame/ }).click();
    await inApp(page).getByRole('button', { name: 'Choose a folder' }).click();
    await page
      .getByRole('dialog', { name: 'Choose folders for Photo frame to read' })
      .getByRole('button', { name: 'Choose this folder' })
      .click();
    const shown = inApp(page).getByRole('img', { name: 'red.png' });
    await expect(shown).toHaveJSProperty('naturalWidth', 8);
  },
);
