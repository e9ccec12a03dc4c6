/** An account belongs to its person: out into files, into another browser, over to a server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Download, Page } from '@playwright/test';
import {
  download,
  enter,
  goTo,
  goUp,
  makeFolder,
  sees,
  signOut,
  transfersEnd,
} from './pages/drive-page.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise, type FixtureFiles } from './fixture-files.ts';
import { ANNA, pickFiles, seesDrive, signIn, signUp, typeInto } from './pages/account-page.ts';
import { Profile } from './profile.ts';

const BYTES = noise('parcel', 6_000_000);

test(
  'an account exported here opens from its files in another browser',
  LONG,
  async ({ page, node, site, noConsoleErrors, fixtureFiles }) => {
    await page.goto(node.root);
    await signUp(page, ANNA);
    await fill(page, fixtureFiles);
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Export…' }).click();
    await typeInto(
      page.getByRole('textbox', { name: 'Password', exact: true }),
      'not the password',
    );
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    const files = new Map<string, Download>();
    page.on('download', (one) => files.set(one.suggestedFilename(), one));
    await typeInto(page.getByRole('textbox', { name: 'Password', exact: true }), ANNA.password);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expect.poll(() => [...files.keys()].sort()).toEqual(['blocks.car', 'node.json']);
    const paths: string[] = [];
    for (const [name, file] of files) {
      const path = join(fixtureFiles.folder, name);
      await file.saveAs(path);
      paths.push(path);
    }
    for (const path of paths) {
      expect(readFileSync(path).includes(BYTES.subarray(0, 64))).toBe(false);
    }

    const second = new Profile({ prepare: (context) => noConsoleErrors.attach(context) });
    try {
      const other = await second.page();
      await other.goto(site.root);
      await other.getByRole('button', { name: 'Sign in', exact: true }).click();
      const choosing = other.waitForEvent('filechooser');
      await other.getByRole('button', { name: 'Open an exported drive' }).click();
      await (await choosing).setFiles(paths.slice(0, 1));
      await expect(other.getByRole('alert')).toContainText('Choose both exported files together');
      await other.locator('input[type=file][accept*=car]').setInputFiles(paths);
      await expect(other.getByLabel('Name', { exact: true })).toHaveValue(ANNA.username);
      await typeInto(other.getByLabel('Password', { exact: true }), ANNA.password);
      await other.getByRole('button', { name: 'Sign in', exact: true }).click();
      await seesDrive(other);
      await seesFill(other);
      await makeFolder(other, 'new here');
      await sees(other, ['folder', 'parcel.bin', 'new here']);
    } finally {
      await second.destroy();
    }
  },
);

test(
  'a drive of this browser moves to a server and goes on there',
  LONG,
  async ({ page, site, noConsoleErrors, fixtureFiles, node }) => {
    await node.restart({ pageOrigins: [site.origin] });
    await page.goto(site.root);
    await signUp(page, ANNA);
    await fill(page, fixtureFiles);
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Move…' }).click();
    await typeInto(page.getByLabel('Address of the server'), node.origin);
    await page.getByRole('button', { name: 'Use this server' }).click();
    await expect(page.getByText(`On ${node.host}`)).toBeVisible();
    await typeInto(page.getByRole('textbox', { name: 'Password', exact: true }), ANNA.password);
    await page.getByRole('button', { name: 'Move the drive' }).click();
    await expect(page.getByText(`Your drive is on ${node.host} now.`)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
    await goTo(page, 'Drive');
    await seesFill(page);
    await makeFolder(page, 'new there');
    await page.reload();
    await seesDrive(page);
    await sees(page, ['folder', 'parcel.bin', 'new there']);
    await test.step('it is there for other browsers, too', async () => {
      const second = new Profile({ prepare: (context) => noConsoleErrors.attach(context) });
      const other = await second.page();
      await other.goto(node.root);
      await signIn(other, ANNA);
      await sees(other, ['folder', 'parcel.bin', 'new there']);
      await second.destroy();
    });
    await signOut(page);
  },
);

async function fill(page: Page, fixtureFiles: FixtureFiles): Promise<void> {
  await makeFolder(page, 'folder');
  await pickFiles(page, [fixtureFiles.file('parcel.bin', BYTES)]);
  await transfersEnd(page);
  await enter(page, 'folder');
  await pickFiles(page, [fixtureFiles.file('words.txt', 'Some words.')]);
  await transfersEnd(page);
  await goUp(page, 'Home');
  await sees(page, ['folder', 'parcel.bin']);
}

async function seesFill(page: Page): Promise<void> {
  await sees(page, ['folder', 'parcel.bin']);
  expect((await download(page, 'parcel.bin')).equals(BYTES)).toBe(true);
  await enter(page, 'folder');
  expect(String(await download(page, 'words.txt'))).toBe('Some words.');
  await goUp(page, 'Home');
}
