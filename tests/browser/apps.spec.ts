/** Apps of others: made, run where they lie, installed, used on a file, and removed. */
import type { FrameLocator, Page } from '@playwright/test';
import { inEverySize } from './accessibility-check.ts';
import { closeViewer, transfersEnd, viewer } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const runner = (page: Page) => page.getByRole('dialog', { name: /^App: / });
const inApp = (page: Page): FrameLocator => runner(page).frameLocator('iframe');

test('a new app runs where it lies, and is installed with its data', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New app' }).click();
  await page.getByRole('textbox', { name: 'Its title' }).fill('My list');
  await page.getByRole('button', { name: 'Create' }).click();
  await open(page, 'mylist');
  await page.getByRole('row', { name: /peergos-app\.json/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run this app here' }).click();
  const app = inApp(page);
  await expect(app.getByRole('heading', { name: 'My list' })).toBeVisible();
  await app.getByRole('textbox', { name: 'New line' }).fill('milk');
  await app.getByRole('button', { name: 'Add' }).click();
  await expect(app.getByRole('listitem')).toHaveText(['milk']);
  await runner(page).getByRole('button', { name: 'For developers' }).click();
  await inEverySize(page, 'a running app');
  await runner(page).getByRole('button', { name: 'For developers' }).click();
  await runner(page).getByRole('button', { name: 'Start again' }).click();
  await expect(app.getByRole('listitem')).toHaveText(['milk']);
  await runner(page).getByRole('button', { name: 'Close' }).click();
  await page.getByRole('row', { name: /peergos-app\.json/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Publish this app' }).click();
  const publishing = page.getByRole('dialog', { name: 'Publish My list?' });
  await publishing.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(publishing.getByText('/anna/mylist')).toBeVisible();
  await publishing.getByRole('button', { name: 'Close' }).first().click();
  await page.getByRole('row', { name: /peergos-app\.json/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Install this app' }).click();
  const dialog = page.getByRole('dialog', { name: 'Install My list?' });
  await expect(dialog.getByText('Keep data of its own in your drive')).toBeVisible();
  await expect(dialog.getByText('From anna, verified by their keys')).toBeVisible();
  await inEverySize(page, 'install an app');
  await dialog.getByRole('button', { name: 'Install' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('row', { name: /peergos-app\.json/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Add to shortcuts' }).click();
  await expect(page.getByText('“peergos-app.json” is a shortcut')).toBeVisible();
  // On a phone the bar of the selection lies over the ways to other screens.
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.getByRole('button', { name: 'Apps' }).click();
  await expect(page.getByRole('button', { name: /^My list/ })).toBeVisible();
  await inEverySize(page, 'apps');
  await page.getByRole('button', { name: /^My list/ }).click();
  await expect(app.getByRole('listitem')).toHaveText(['milk']);
  await runner(page).getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Remove My list' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No apps yet')).toBeVisible();
  await page.getByRole('button', { name: /^peergos-app\.json/ }).click();
  await expect(viewer(page)).toBeVisible();
  await closeViewer(page);
  await page.getByRole('button', { name: 'Apps' }).click();
  await page.getByRole('button', { name: 'Remove the shortcut to “peergos-app.json”' }).click();
  await expect(page.getByRole('heading', { name: 'Shortcuts' })).toBeHidden();
});

test('a web page of the drive is shown with what lies beside it', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [
    fixtureFiles.file(
      'page.html',
      '<link rel=stylesheet href=look.css><h1>Mine</h1><a href=two.html>two</a>',
    ),
    fixtureFiles.file(
      'two.html',
      '<h1>The second</h1><script>fetch("/peergos-api/v0/data/x").then(r=>document.body.append(r.status))</script>',
    ),
    fixtureFiles.file('look.css', 'h1 { color: rgb(1, 2, 3) }'),
  ]);
  await transfersEnd(page);
  await open(page, 'page.html');
  const shown = inApp(page);
  await expect(shown.getByRole('heading', { name: 'Mine' })).toHaveCSS('color', 'rgb(1, 2, 3)');
  await shown.getByRole('link', { name: 'two' }).click();
  await expect(shown.getByRole('heading', { name: 'The second' })).toBeVisible();
  // Pages cannot reach the drive.
  await expect(shown.getByText('404')).toBeVisible();
});
