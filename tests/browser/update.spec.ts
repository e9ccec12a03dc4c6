/** A newer build is announced, waits to be accepted, and never takes over under an upload. */
import type { Page } from '@playwright/test';
import { anotherBuild, versionOf } from './another-build.ts';
import { goTo, sees, transfersEnd } from './pages/drive-page.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { ANNA, pickFiles, seesDrive, signUp } from './pages/account-page.ts';
import { SITE_FOLDER } from './site.ts';

const READY = 'A new version of Pyrgos is ready.';

test('a new build is offered, not forced, and not under an upload', async ({
  page,
  site,
  fixtureFiles,
}) => {
  const before = versionOf(SITE_FOLDER);
  const after = 'a1b2c3d4e5a1b2c3d4e5';
  const newer = anotherBuild(SITE_FOLDER, fixtureFiles.path('newer'), after);
  await page.goto(site.root);
  await signUp(page, ANNA);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  await site.stop();
  await site.restart(newer);

  await test.step('it is announced, and the old one goes on', async () => {
    await page.reload();
    await seesDrive(page);
    await expect(page.getByText(READY)).toBeVisible({ timeout: 30_000 });
    await seesVersion(page, before);
    await page.getByRole('button', { name: 'Later' }).click();
    await expect(page.getByText(READY)).toBeHidden();
    await page.reload();
    await seesDrive(page);
    await expect(page.getByText(READY)).toBeVisible({ timeout: 30_000 });
    await seesVersion(page, before);
  });
  await test.step('it cannot be taken while an upload runs', async () => {
    const { path } = await fixtureFiles.largeFile('large.bin', 150_000_000);
    await pickFiles(page, [path, fixtureFiles.file('small.bin', noise('small', 100_000))]);
    await expect(page.getByText(/once your transfers are done/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Reload now' })).toBeDisabled();
    await transfersEnd(page);
    await sees(page, ['large.bin', 'small.bin']);
  });
  await test.step('a press takes it, and nothing is lost', async () => {
    await page.getByRole('button', { name: 'Reload now' }).click();
    await expect(page.getByText(READY)).toBeHidden();
    await seesDrive(page);
    await sees(page, ['large.bin', 'small.bin']);
    await seesVersion(page, after);
    await page.reload();
    await seesVersion(page, after);
  });
});

test(
  'a tab that stays with the old build goes on working',
  LONG,
  async ({ page, profile, site, fixtureFiles }) => {
    const newer = anotherBuild(SITE_FOLDER, fixtureFiles.path('newer'), 'a1b2c3d4e5a1b2c3d4e5');
    await page.goto(site.root);
    await signUp(page, ANNA);
    const other = await profile.page();
    await other.goto(site.root);
    await seesDrive(other);
    await site.stop();
    await site.restart(newer);
    await page.reload();
    await seesDrive(page);
    const { path, sha256 } = await fixtureFiles.largeFile('large.bin', 300_000_000);
    expect(sha256).toHaveLength(64);
    await expect(page.getByRole('button', { name: 'Reload now' })).toBeEnabled();
    await pickFiles(other, [path]);
    await expect(other.getByRole('button', { name: /^Pause/ })).toBeVisible();
    await page.getByRole('button', { name: 'Reload now' }).click();
    await expect(page.getByText(READY)).toBeHidden();
    await transfersEnd(other);
    await sees(other, ['large.bin']);
    await goTo(other, 'Trash');
    await expect(other.getByText('The trash is empty')).toBeVisible();
  },
);

async function seesVersion(page: Page, version: string): Promise<void> {
  await goTo(page, 'Settings');
  await expect(page.getByText(version).last()).toBeVisible();
  await goTo(page, 'Drive');
  await seesDrive(page);
}
