/** What was done last to files can be taken back; what is out of sight is in no operation. */
import {
  act,
  bring,
  enter,
  goTo,
  goUp,
  makeFolder,
  rename,
  sees,
  transfersEnd,
  undo,
  viewer,
} from './pages/drive-page.ts';
import { LONG, expect, test } from './fixtures.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const UNDO = 'ControlOrMeta+z';

test(
  'acts are undone by their note and by the key, one after the other',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    const { keyboard } = page;
    await page.goto(site.root);
    await seesDrive(page);
    await makeFolder(page, 'box');
    await pickFiles(page, [
      fixtureFiles.file('a.txt', 'Words thrown away.'),
      fixtureFiles.file('b.txt', 'b'),
    ]);
    await sees(page, ['box', 'a.txt', 'b.txt']);
    await transfersEnd(page);
    await test.step('equal acts are one note, and one "Undo" takes all of them back', async () => {
      await bring(page, 'a.txt', 'Move', 'box');
      await expect(page.getByText('1 item moved.')).toBeVisible();
      await bring(page, 'b.txt', 'Move', 'box');
      await expect(page.getByText('2 items moved.')).toBeVisible();
      await undo(page, '2 items moved.');
      await sees(page, ['box', 'a.txt', 'b.txt']);
    });
    await test.step('by the key', async () => {
      await rename(page, 'a.txt', 'z.txt');
      await sees(page, ['box', 'b.txt', 'z.txt']);
      await act(page, 'b.txt', 'Move to trash');
      await sees(page, ['box', 'z.txt']);
      await page.getByRole('grid').focus();
      await keyboard.press(UNDO);
      await sees(page, ['box', 'b.txt', 'z.txt']);
      await keyboard.press(UNDO);
      await sees(page, ['box', 'a.txt', 'b.txt']);
    });
    await test.step('what was restored goes back into the trash', async () => {
      await act(page, 'a.txt', 'Move to trash');
      await goTo(page, 'Trash');
      const row = page.getByRole('listitem').filter({ hasText: 'a.txt' });
      await expect(row).toContainText('Deleted just now');
      await row.getByRole('button', { name: 'Restore' }).click();
      await expect(row).toBeHidden();
      await keyboard.press(UNDO);
      await expect(row).toBeVisible();
      await test.step('and is looked at there', async () => {
        await row.getByText('a.txt').click();
        await expect(
          viewer(page).frameLocator('iframe').getByText('Words thrown away.'),
        ).toBeVisible();
        await keyboard.press('Escape');
        await expect(row).toBeVisible();
      });
      await goTo(page, 'Drive');
    });
    await test.step('what has changed since is refused by name', async () => {
      await bring(page, 'b.txt', 'Move', 'box');
      await sees(page, ['box']);
      await act(page, 'box', 'Move to trash');
      await undo(page, 'item moved.');
      await expect(page.getByRole('alert')).toContainText('cannot be undone');
    });
  },
);

test('a filter takes what it hides out of the selection, and its text is not undone', async ({
  page,
  site,
  fixtureFiles,
}) => {
  const { keyboard } = page;
  const filter = page.getByRole('search').getByRole('textbox');
  await page.goto(site.root);
  await seesDrive(page);
  const overview = 'U\u0308berblick.txt';
  await pickFiles(page, [
    fixtureFiles.file('a.txt', 'a'),
    fixtureFiles.file('b.txt', 'b'),
    fixtureFiles.file(overview, 'c'),
  ]);
  await sees(page, ['a.txt', 'b.txt', overview]);
  await transfersEnd(page);
  await test.step('only what is in sight is thrown away', async () => {
    await page.getByRole('grid').focus();
    await keyboard.press('ControlOrMeta+a');
    await filter.pressSequentially('b.t');
    await expect(page.getByText('1 selected')).toBeVisible();
    await page.getByRole('button', { name: 'Move to trash' }).click();
    await filter.fill('');
    await sees(page, ['a.txt', overview]);
  });
  await test.step('the key undoes the act, not the typing', async () => {
    await page.getByRole('checkbox', { name: 'Select all' }).focus();
    await keyboard.press(UNDO);
    await sees(page, ['a.txt', 'b.txt', overview]);
    await expect(filter).toHaveValue('');
  });
  await test.step('another spelling of a letter is found', async () => {
    await filter.pressSequentially('übe');
    await sees(page, [overview]);
    await filter.press('Escape');
    // The driver types letters that its layout lacks without a key.
    for (const key of ['Ü', 'b']) await page.getByRole('grid').dispatchEvent('keydown', { key });
    await expect(entry(page, 'berblick')).toHaveAttribute('aria-selected', 'true');
  });
  await test.step('a name that would look the same is said, and not forbidden', async () => {
    await keyboard.press('Alt+n');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('\u00a0a.txt');
    await expect(page.getByText('would look the same')).toBeVisible();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog).toBeHidden();
  });
  await test.step('another spelling of one name is that name', async () => {
    await keyboard.press('Alt+n');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('Überblick.txt');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('already exists here.')).toBeVisible();
    await keyboard.press('Escape');
  });
});

test('a picker makes folders and says why a place is none', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await makeFolder(page, 'box');
  await pickFiles(page, [fixtureFiles.file('a.txt', 'a')]);
  await sees(page, ['box', 'a.txt']);
  await transfersEnd(page);
  const dialog = page.getByRole('dialog');
  const here = dialog.getByRole('button', { name: 'Move here' });
  await act(page, 'a.txt', 'Move to…');
  await expect(dialog.getByText('It is already here.')).toBeVisible();
  await expect(here).toBeDisabled();
  await dialog.getByRole('button', { name: 'box' }).click();
  await expect(dialog.getByText('No folders in here')).toBeVisible();
  await dialog.getByRole('button', { name: 'New folder' }).click();
  await dialog.getByRole('textbox', { name: 'Folder name' }).fill('inner');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByRole('button', { name: 'inner' })).toHaveAttribute(
    'aria-current',
    'location',
  );
  await here.click();
  await sees(page, ['box']);
  await enter(page, 'box');
  await enter(page, 'inner');
  await sees(page, ['a.txt']);
  await goUp(page, 'Home');
  await act(page, 'box', 'Move to…');
  await expect(dialog.getByRole('button', { name: 'box' })).toBeDisabled();
  await expect(dialog.getByText('A folder cannot be put into itself.')).toBeVisible();
});

test('order and looks stay set, and the tools stay where they are', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [
    fixtureFiles.file('a.txt', 'a'),
    fixtureFiles.file('b.txt', 'long words'),
  ]);
  await sees(page, ['a.txt', 'b.txt']);
  await transfersEnd(page);
  const tools = ['Sort', 'Grid', 'New'].map((name) =>
    page.getByRole('button', { name, exact: true }),
  );
  const places = () => Promise.all(tools.map((tool) => tool.boundingBox()));
  await page.keyboard.press('Escape');
  const before = await places();
  await entry(page, 'a.txt').click();
  await expect(page.getByText('1 selected')).toBeVisible();
  expect(await places()).toEqual(before);
  const header = page.getByRole('columnheader', { name: 'Size' });
  await header.getByRole('button').click();
  await expect(header).toHaveAttribute('aria-sort', 'descending');
  await expect(page.locator('[data-index] bdi')).toHaveText(['b.txt', 'a.txt']);
  await page.reload();
  await seesDrive(page);
  await expect(header).toHaveAttribute('aria-sort', 'descending');
  await expect(page.locator('[data-index] bdi')).toHaveText(['b.txt', 'a.txt']);
  await page.getByRole('button', { name: 'Grid', exact: true }).click();
  await page.reload();
  await seesDrive(page);
  await expect(page.getByRole('button', { name: 'List', exact: true })).toBeVisible();
});

test('details add up a folder when asked, and say what a file is', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  fixtureFiles.file('tree/one.bin', Buffer.alloc(700_000));
  fixtureFiles.file('tree/inner/two.jpg', Buffer.alloc(35_072));
  await page.locator('#pick-folder').setInputFiles(fixtureFiles.path('tree'));
  await sees(page, ['tree']);
  await transfersEnd(page);
  const details = page.getByRole('complementary', { name: 'Details' });
  await act(page, 'tree', 'Details');
  await details.getByRole('button', { name: 'Calculate size' }).click();
  await expect(details.getByText('735 kB')).toBeVisible();
  await expect(details.getByText('2 files, 1 folder')).toBeVisible();
  await enter(page, 'tree');
  await entry(page, 'one.bin').click();
  await expect(details.getByText('700 kB (700,000 bytes)')).toBeVisible();
  await expect(details.getByText('Created')).toBeHidden();
});
