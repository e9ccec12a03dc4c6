/** Apps at origins of their own, by a node that has a domain for them. */
import type { Frame, Page } from '@playwright/test';
import { archive, inApp, install, runner } from './pages/apps-page.ts';
import { transfersEnd } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { ANNA, pickFiles, signUp } from './pages/account-page.ts';

test.use({ nodeOptions: { appOrigins: 'apps.localhost' } });

const ORIGIN = /^http:\/\/b[a-z2-7]{55}\.apps\.localhost:\d+$/;

/** The frame of the app that is shown, when its document is there. */
async function frameOf(page: Page): Promise<Frame> {
  const frame = await (await runner(page).locator('iframe').elementHandle())?.contentFrame();
  if (frame === null || frame === undefined) throw new Error('There is no frame.');
  return frame;
}

test('each app runs at an origin of its own, apart from the page and other apps', async ({
  page,
  node,
  fixtureFiles,
}) => {
  await page.goto(node.root);
  await signUp(page, ANNA);
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
  const first = await lookOut(await frameOf(page));
  expect(first).toMatchObject({ origin: expect.stringMatching(ORIGIN), outside: 'SecurityError' });
  await runner(page).getByRole('button', { name: 'Close' }).click();
  await install(page, archive(fixtureFiles, 'todo-board'));
  await page.getByRole('button', { name: /^Todo board/ }).click();
  await expect(inApp(page).getByRole('heading', { name: 'To do' })).toBeVisible();
  const second = await lookOut(await frameOf(page));
  expect(second).toMatchObject({ origin: expect.stringMatching(ORIGIN), outside: 'SecurityError' });
  expect(second.origin).not.toBe(first.origin);
});

/** What an app finds out about its place. */
function lookOut(frame: Frame): Promise<{ origin: string; outside: string }> {
  return frame.evaluate(() => {
    try {
      return { origin, outside: JSON.stringify(Object.keys(top!.localStorage)) };
    } catch (error) {
      return { origin, outside: (error as Error).name };
    }
  });
}
