/** A drive on a server that is away, comes back, or is used by an app from somewhere else. */
import {
  closeViewer,
  download,
  enter,
  goUp,
  makeFolder,
  sees,
  seesText,
  transfersEnd,
} from './pages/drive-page.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { ANNA, open, pickFiles, signIn, signUp, typeInto } from './pages/account-page.ts';

const BYTES = noise('away', 6_000_000);

test(
  'what was opened can be read while the server is away, and it goes on after',
  LONG,
  async ({ page, node, noConsoleErrors, fixtureFiles }) => {
    noConsoleErrors.allow(/ERR_CONNECTION_REFUSED/);
    await page.goto(node.root);
    await signUp(page, ANNA);
    await makeFolder(page, 'folder');
    await enter(page, 'folder');
    await pickFiles(page, [fixtureFiles.file('words.txt', 'Some words.')]);
    await transfersEnd(page);
    await open(page, 'words.txt');
    await seesText(page, 'Some words.');
    await closeViewer(page);
    await goUp(page, 'Home');
    await pickFiles(page, [fixtureFiles.file('away.bin', BYTES)]);
    await transfersEnd(page);
    await sees(page, ['folder', 'away.bin']);
    expect((await download(page, 'away.bin')).equals(BYTES)).toBe(true);
    const banner = page.getByText(`${node.host} cannot be reached.`);
    await expect(banner).toBeHidden();

    await node.stop();
    await test.step('reads what was opened, and says why not more', async () => {
      await page.reload();
      await sees(page, ['folder', 'away.bin']);
      await expect(banner).toBeVisible();
      expect((await download(page, 'away.bin')).equals(BYTES)).toBe(true);
      await enter(page, 'folder');
      await sees(page, ['words.txt']);
      await open(page, 'words.txt');
      await seesText(page, 'Some words.');
      await closeViewer(page);
      await goUp(page, 'Home');
    });
    await node.restart();
    await test.step('notices by itself that the server is back, and goes on', async () => {
      await expect(banner).toBeHidden({ timeout: 40_000 });
      await makeFolder(page, 'after');
      await sees(page, ['folder', 'away.bin', 'after']);
      await page.reload();
      await sees(page, ['folder', 'away.bin', 'after']);
    });
  },
);

test(
  'an app from another address uses the server it is told',
  LONG,
  async ({ page, site, node, noConsoleErrors, fixtureFiles }) => {
    noConsoleErrors.allow(/CORS policy|ERR_FAILED/);
    await page.goto(site.root);
    await page.getByRole('button', { name: 'Change' }).click();
    const address = page.getByLabel('Address of the server');
    await typeInto(address, 'ftp://nowhere');
    await address.press('Enter');
    await expect(page.getByText(/not the address of a server/)).toBeVisible();
    await test.step('a server that does not know this address refuses', async () => {
      await typeInto(address, node.origin);
      await page.getByRole('button', { name: 'Use this server' }).click();
      await expect(
        page.getByText(/cannot be reached|could not be reached|does not answer/),
      ).toBeVisible();
    });
    await node.restart({ pageOrigins: [site.origin] });
    await expect(async () => {
      await page.getByRole('button', { name: 'Use this server' }).click();
      await expect(page.getByText(`On ${node.host}`)).toBeVisible({ timeout: 2_000 });
    }).toPass();
    await signUp(page, ANNA);
    await pickFiles(page, [fixtureFiles.file('away.bin', BYTES)]);
    await transfersEnd(page);
    expect((await download(page, 'away.bin')).equals(BYTES)).toBe(true);
    await page.reload();
    await sees(page, ['away.bin']);
    await test.step('the same drive at the address of the server itself', async () => {
      await page.goto(node.root);
      await signIn(page, ANNA);
      await sees(page, ['away.bin']);
    });
  },
);
