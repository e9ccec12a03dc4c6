/** Uploads that were broken off go on: at a click, or when the file is chosen again. */
import { beginDownload, sees, signOut, transfersEnd } from './pages/drive-page.ts';
import { LONG, expect, test } from './fixtures.ts';
import { sha256OfFile } from './fixture-files.ts';
import { hasOldPicker, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

test(
  'an upload that was broken off goes on when its file is chosen again',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    await hasOldPicker(page);
    await page.goto(site.root);
    await seesDrive(page);
    const { path, sha256 } = await fixtureFiles.largeFile('long.bin', 400_000_000);
    await pickFiles(page, [path]);
    await expect(page.getByText(/^[1-9]\d.* MB of 400 MB/).first()).toBeVisible();
    page.on('dialog', (dialog) => void dialog.accept()); // "leave the page?"
    await page.reload();
    await seesDrive(page);
    await sees(page, []);
    const asked = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose file for long.bin' }).click();
    await (await asked).setFiles(path);
    await transfersEnd(page);
    await sees(page, ['long.bin']);
    const saved = await beginDownload(page, 'long.bin');
    expect(await sha256OfFile(await saved.path())).toBe(sha256);
  },
);

test(
  'an upload that was broken off goes on at one click where the browser keeps the file',
  LONG,
  async ({ page, site }) => {
    await page.addInitScript(pickerGives, 'long.bin');
    await page.goto(site.root);
    await seesDrive(page);
    const sha256 = await page.evaluate(writeLongFile, { name: 'long.bin', bytes: 200_000_000 });
    await page.keyboard.press('Alt+u');
    await expect(page.getByText(/^[1-9]\d.* MB of 200 MB/).first()).toBeVisible();
    page.on('dialog', (dialog) => void dialog.accept()); // "leave the page?"
    await page.reload();
    await seesDrive(page);
    await page.getByRole('button', { name: 'Continue long.bin' }).click();
    await transfersEnd(page);
    const saved = await beginDownload(page, 'long.bin');
    expect(await sha256OfFile(await saved.path())).toBe(sha256);
    expect(await page.evaluate(countKept)).toBe(0);
  },
);

test('a file that is no more where it was is chosen again, and signing out forgets it', async ({
  page,
  site,
}) => {
  await page.addInitScript(pickerGives, 'long.bin');
  await page.goto(site.root);
  await seesDrive(page);
  await page.evaluate(writeLongFile, { name: 'long.bin', bytes: 200_000_000 });
  await page.keyboard.press('Alt+u');
  await expect(page.getByText(/^[1-9]\d.* MB of 200 MB/).first()).toBeVisible();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await seesDrive(page);
  await expect(page.getByRole('button', { name: 'Continue long.bin' })).toBeVisible();
  await page.evaluate(async () => {
    await (await navigator.storage.getDirectory()).removeEntry('long.bin');
  });
  await page.getByRole('button', { name: 'Continue long.bin' }).click();
  await expect(page.getByText('long.bin could not be opened again.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Choose file for long.bin' })).toBeVisible();
  expect(await page.evaluate(countKept)).toBe(1);
  await signOut(page);
  await expect.poll(() => page.evaluate(countKept)).toBe(0);
});

/** Runs in the page: the picker answers with a file of this origin's own file system. */
function pickerGives(name: string): void {
  Object.assign(window, {
    showOpenFilePicker: async () => [
      await (await navigator.storage.getDirectory()).getFileHandle(name),
    ],
  });
}

/** Runs in the page; answers with the SHA-256 of what it wrote. */
async function writeLongFile(file: { name: string; bytes: number }): Promise<string> {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle(file.name, { create: true });
  const content = new Uint8Array(file.bytes);
  for (let at = 0; at < content.length; at += 65_536) {
    crypto.getRandomValues(content.subarray(at, at + 65_536));
  }
  const writable = await handle.createWritable();
  await writable.write(content);
  await writable.close();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Runs in the page: how many files of uploads are kept. */
async function countKept(): Promise<number> {
  const opening = indexedDB.open('pyrgos-kept-files');
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('refused'));
  });
  const counting = database.transaction('files').objectStore('files').count();
  const count = await new Promise<number>((resolve) => {
    counting.onsuccess = () => resolve(counting.result);
  });
  database.close();
  return count;
}
