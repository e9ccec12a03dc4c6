/** A browser without room: said plainly, nothing half-written, and all well when there is room. */
import type { Page } from '@playwright/test';
import { act, download, goTo, sees, transfersEnd } from './pages/drive-page.ts';
import { limitStorage } from './devtools.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { ANNA, pickFiles, seesDrive, signUp, typeInto } from './pages/account-page.ts';

const MIB = 1024 * 1024;
const ROOM = 70 * MIB;

test(
  'a full browser says so, keeps what it has, and goes on when room is made',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    test.setTimeout(240_000);
    await limitStorage(page, site.origin, ROOM);
    await page.goto(site.root);
    await signUp(page, ANNA);
    const small = noise('small', 300_000);
    await pickFiles(page, [
      fixtureFiles.file('sibling.bin', small),
      fixtureFiles.file('ballast.bin', noise('ballast', 35 * MIB)),
    ]);
    await transfersEnd(page);
    await sees(page, ['sibling.bin', 'ballast.bin']);
    const content = noise('newcomer', 45 * MIB);
    const newcomer = fixtureFiles.file('newcomer.bin', content);

    await test.step('an upload that does not fit is refused in a sentence', async () => {
      await pickFiles(page, [newcomer]);
      await expect(page.getByText(/no more room/).first()).toBeVisible({ timeout: 60_000 });
      await sees(page, ['sibling.bin', 'ballast.bin']);
    });
    await test.step('what is there can be read, also after a reload', async () => {
      expect(await download(page, 'sibling.bin')).toEqual(small);
      await page.reload();
      await seesDrive(page);
      await sees(page, ['sibling.bin', 'ballast.bin']);
      expect(await download(page, 'sibling.bin')).toEqual(small);
    });
    await test.step('filled to the last byte, room can still be made', async () => {
      await fill(page, site.origin);
      await act(page, 'ballast.bin', 'Move to trash');
      await sees(page, ['sibling.bin']);
      await emptyTrash(page);
      await expect.poll(() => usedBytes(page), { timeout: 60_000 }).toBeLessThan(40 * MIB);
    });
    await test.step('then a smaller file fits', async () => {
      const content = noise('latecomer', 20 * MIB);
      await pickFiles(page, [fixtureFiles.file('latecomer.bin', content)]);
      await sees(page, ['sibling.bin', 'latecomer.bin']);
      expect((await download(page, 'latecomer.bin')).equals(content)).toBe(true);
    });
    await test.step('what the failed upload left is given back, too', async () => {
      await page.getByRole('button', { name: 'Cancel newcomer.bin' }).click();
      await cleanUp(page);
      // The files here, the app itself and the room kept for deleting; nothing of the 45 MiB.
      await expect.poll(() => usedBytes(page), { timeout: 60_000 }).toBeLessThan(32 * MIB);
      expect(await download(page, 'sibling.bin')).toEqual(small);
    });
  },
);

test(
  'an account that does not fit is not half made',
  LONG,
  async ({ page, site, noConsoleErrors }) => {
    noConsoleErrors.allow(/Quota/);
    await limitStorage(page, site.origin, 20_000);
    await page.goto(site.root);
    await typeInto(page.getByLabel('Name', { exact: true }), ANNA.username);
    await typeInto(page.getByLabel('Password', { exact: true }), ANNA.password);
    await page.getByRole('button', { name: 'Create drive' }).click();
    await expect(page.getByRole('alert')).toContainText(/no more room/, { timeout: 30_000 });
    await limitStorage(page, site.origin, undefined);
    await page.reload();
    await signUp(page, ANNA);
  },
);

test.describe('where somebody is signed in', () => {
  test.use({ isSignedUp: true });

  test(
    'an unfinished write of a closed tab does not stay on the disk',
    LONG,
    async ({ page, site, fixtureFiles }) => {
      await page.goto(site.root);
      await seesDrive(page);
      await pickFiles(page, [fixtureFiles.file('sibling.bin', noise('small', 30_000))]);
      await transfersEnd(page);
      const { path } = await fixtureFiles.largeFile('long.bin', 400_000_000);
      await pickFiles(page, [path]);
      await expect.poll(() => bytesInFiles(page), { timeout: 60_000 }).toBeGreaterThan(100 * MIB);
      page.on('dialog', (dialog) => void dialog.accept()); // "leave the page?"
      await page.reload();
      await seesDrive(page);
      await sees(page, ['sibling.bin']);
      await page.getByRole('button', { name: 'Cancel long.bin' }).click();
      await cleanUp(page);
      // What two commits had announced, of 20 MiB each, is kept for a day: the one under way and the one
      // that is read ahead. The room for making room, 4 MiB, is kept for ever.
      await expect.poll(() => bytesInFiles(page), { timeout: 30_000 }).toBeLessThan(50 * MIB);
    },
  );
});

/** Takes what room is left, as another app at this address would, until not one byte fits. */
async function fill(page: Page, origin: string): Promise<void> {
  await limitStorage(page, origin, await usedBytes(page));
  await expect
    .poll(() => page.evaluate(refusesOneByte), { timeout: 60_000, intervals: [1000] })
    .toBe(true);
}

/** Runs in the page: a browser that is full refuses a transaction that stores anything. */
async function refusesOneByte(): Promise<boolean> {
  const opening = indexedDB.open('other app', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('bytes');
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('refused'));
  });
  const tx = database.transaction('bytes', 'readwrite');
  tx.objectStore('bytes').put(new Uint8Array(1), 'byte');
  const wasRefused = await new Promise<boolean>((resolve) => {
    tx.oncomplete = () => resolve(false);
    tx.onabort = () => resolve(true);
  });
  database.close();
  return wasRefused;
}

function usedBytes(page: Page): Promise<number> {
  return page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
}

/** All that lies in files: segments, and the room kept for making room. */
function bytesInFiles(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('pyrgos-node');
    let bytes = 0;
    for await (const handle of folder.values()) {
      if (handle instanceof FileSystemFileHandle) bytes += (await handle.getFile()).size;
    }
    return bytes;
  });
}

async function emptyTrash(page: Page): Promise<void> {
  await goTo(page, 'Trash');
  await page.getByRole('button', { name: 'Empty trash' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Empty trash' }).click();
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await cleanUp(page);
}

async function cleanUp(page: Page): Promise<void> {
  await goTo(page, 'Settings');
  await page.getByRole('button', { name: 'Clean up now' }).click();
  await expect(page.getByText(/ freed\./).last()).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'Drive');
  await expect(page.getByRole('grid')).toBeVisible();
}
