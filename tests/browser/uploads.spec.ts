/** The other ways in: the folder picker, paste, names that are taken. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { download, enter, sees, transfersEnd } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { pickFiles, seesDrive, typeInto } from './pages/account-page.ts';

test.use({ isSignedUp: true });

test('a whole folder comes through the picker', async ({ page, site, fixtureFiles }) => {
  fixtureFiles.file('trip/day one/notes.txt', 'rain');
  fixtureFiles.file('trip/map.bin', noise('map', 10_000));
  await page.goto(site.root);
  await seesDrive(page);
  await page.locator('#pick-folder').setInputFiles(fixtureFiles.path('trip'));
  await transfersEnd(page);
  await enter(page, 'trip');
  await sees(page, ['day one', 'map.bin']);
  await enter(page, 'day one');
  expect((await download(page, 'notes.txt')).toString()).toBe('rain');
});

test('pasted files are uploaded', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(['from the clipboard'], 'pasted.txt'));
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
  });
  await sees(page, ['pasted.txt']);
  await transfersEnd(page);
  expect((await download(page, 'pasted.txt')).toString()).toBe('from the clipboard');
});

test('an upload under a taken name keeps both files, or one, as the user chooses', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  const path = (text: string) => fixtureFiles.file('plan.txt', text);
  await pickFiles(page, [path('first')]);
  await sees(page, ['plan.txt']);
  await transfersEnd(page);
  await pickFiles(page, [path('second')]);
  await answer(page, 'Skip those');
  await expect(page.getByText('Skipped: the existing file was kept').first()).toBeVisible();
  await pickFiles(page, [path('third')]);
  await answer(page, 'Keep both');
  await sees(page, ['plan.txt', 'plan (copy).txt']);
  await transfersEnd(page);
  expect((await download(page, 'plan (copy).txt')).toString()).toBe('third');
  expect((await downloadExactly(page, 'plan.txt')).toString()).toBe('first');
  await pickFiles(page, [path('fourth')]);
  await answer(page, 'Replace');
  await expect
    .poll(async () => (await downloadExactly(page, 'plan.txt')).toString())
    .toBe('fourth');
  await sees(page, ['plan.txt', 'plan (copy).txt']);
});

test('an opened transfer names each file that failed, with its reason', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await page.locator('#pick-files').evaluate((input: HTMLInputElement) => {
    const transfer = new DataTransfer();
    for (const name of ['good.txt', 'line\nbreak.txt', 'fine.txt']) {
      transfer.items.add(new File([name], name));
    }
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.getByRole('button', { name: /^Show the files of/ }).click();
  const files = page.getByRole('list', { name: /^Files of/ }).getByRole('listitem');
  await expect(files).toHaveCount(3);
  await expect(files.first()).toContainText('A name cannot contain control characters');
  await page.getByRole('button', { name: 'Back to all transfers' }).click();
  await expect(page.getByText('1 transfer failed').first()).toBeVisible();
  await sees(page, ['good.txt', 'fine.txt']);
});

test('a name that the app needs for itself is refused plainly', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await page.keyboard.press('Alt+n');
  const dialog = page.getByRole('dialog');
  await typeInto(dialog.getByRole('textbox'), 'shared');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('The app keeps a hidden folder “shared” here.');
  await typeInto(dialog.getByRole('textbox'), 'shared 2');
  await page.keyboard.press('Enter');
  await sees(page, ['shared 2']);
});

async function answer(page: Page, words: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: words }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

/** `entry` finds every name that contains the words; here one of two is meant. */
async function downloadExactly(page: Page, name: string): Promise<Buffer> {
  const row = page.locator('[data-index]').filter({ has: page.getByText(name, { exact: true }) });
  const begun = page.waitForEvent('download');
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Download' }).click();
  return readFileSync(await (await begun).path());
}
