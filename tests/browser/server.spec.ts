/** A drive on a server: the unmodified site, served by our own node, and the operations of every day. */
import { unzipSync } from 'fflate';
import type { Page } from '@playwright/test';
import { FRAMES_PER_SECOND, shownFrame } from '../media/films.ts';
import {
  closeViewer,
  download,
  enter,
  makeFolder,
  rename,
  sees,
  signOut,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import {
  arrange,
  BYTES,
  dropEverything,
  FILM,
  FOLDER,
  lookAtAll,
  NEEDLES,
  seesEverything,
  throwAway,
} from './smoke-scenario.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { NodeSite } from './node-site.ts';
import {
  ANNA,
  BORIS,
  open,
  pickFiles,
  seesDrive,
  signIn,
  signUp,
  typeInto,
} from './pages/account-page.ts';
import { Profile } from './profile.ts';
import { searchStorage } from './storage-inspection.ts';

test(
  'the first day at a server: sign up, fill, look, arrange, close, come back',
  LONG,
  async ({ profile, node, fixtureFiles }) => {
    test.setTimeout(300_000);
    let page = await profile.page();
    await page.goto(node.root);
    await expect(page.getByText(`On ${node.host}`)).toBeVisible();
    await signUp(page, ANNA);
    await expect(page.getByText('Your drive is empty')).toBeVisible();
    await test.step('drops files and a folder', () => dropEverything(page, fixtureFiles));
    await test.step('looks at each in its viewer', () => lookAtAll(page));
    await test.step('saves a file, and a folder as an archive', async () => {
      expect(await download(page, BYTES)).toEqual(noise(BYTES, 6_000_000));
      const archive = unzipSync(await download(page, FOLDER));
      const gale = archive[`${FOLDER}/log/march/gale.txt`] ?? Buffer.of();
      expect(Buffer.from(gale).toString()).toBe('Force nine.');
    });
    await test.step('creates, renames, moves, copies', () => arrange(page));
    await test.step('deletes, undoes, deletes, restores', () => throwAway(page));
    await test.step('is still in after a restart of browser and server', async () => {
      await profile.quit();
      await node.restart();
      page = await profile.page();
      await page.goto(node.root);
      await seesEverything(page);
      await open(page, FILM);
      for (const seconds of [14, 3, 19]) await seesFrameAt(page, seconds);
      await closeViewer(page);
    });
    await test.step('nothing readable is kept in the browser, signed in or out', async () => {
      expect(await searchStorage(page, NEEDLES)).toMatchObject({ found: [], deviceKeys: 1 });
      await signOut(page);
      expect(await searchStorage(page, NEEDLES)).toMatchObject({ found: [], deviceKeys: 0 });
    });
    await test.step('the password opens it again, in another browser too', async () => {
      await signIn(page, ANNA);
      await seesEverything(page);
    });
  },
);

test(
  'two browsers change one drive at once, and nothing is lost',
  LONG,
  async ({ page, node, noConsoleErrors, fixtureFiles }) => {
    const second = new Profile({ prepare: (context) => noConsoleErrors.attach(context) });
    try {
      await page.goto(node.root);
      await signUp(page, ANNA);
      await makeFolder(page, 'hers');
      await makeFolder(page, 'his');
      const other = await second.page();
      await other.goto(node.root);
      await signIn(other, ANNA);
      // High enough for all rows at once: nothing has to be scrolled to be pressed.
      for (const tab of [page, other]) await tab.setViewportSize({ width: 1280, height: 1600 });
      await sees(other, ['hers', 'his']);
      const files = (side: string) =>
        Array.from({ length: 6 }, (_, at) => fixtureFiles.file(`${side} ${String(at)}.txt`, side));
      await test.step('in the same folder', async () => {
        await Promise.all([pickFiles(page, files('left')), pickFiles(other, files('right'))]);
        await Promise.all([transfersEnd(page), transfersEnd(other)]);
        await Promise.all([rename(page, 'left 0', 'port'), rename(other, 'right 0', 'starboard')]);
      });
      await test.step('and in different ones', async () => {
        await Promise.all([enter(page, 'hers'), enter(other, 'his')]);
        const large = fixtureFiles.file('large.bin', noise('large', 6_000_000));
        await Promise.all([pickFiles(page, [large]), makeFolder(other, 'log')]);
        await Promise.all([transfersEnd(page), sees(other, ['log'])]);
      });
      const top = ['hers', 'his', 'port', 'starboard'];
      for (const side of ['left', 'right']) {
        for (const at of [1, 2, 3, 4, 5]) top.push(`${side} ${String(at)}.txt`);
      }
      for (const tab of [page, other]) {
        await tab.goto(node.root);
        await sees(tab, top);
        await enter(tab, 'hers');
        await sees(tab, ['large.bin']);
        expect(await download(tab, 'large.bin')).toEqual(noise('large', 6_000_000));
        await tab.goto(node.root);
        await enter(tab, 'his');
        await sees(tab, ['log']);
      }
    } finally {
      await second.destroy();
    }
  },
);

test('one browser holds a drive of its own and one at a server', LONG, async ({ page, node }) => {
  await page.goto(node.root);
  await expect(page.getByText(`On ${node.host}`)).toBeVisible();
  await signUp(page, ANNA);
  await makeFolder(page, 'at the server');
  await signOut(page);
  await page.getByRole('button', { name: 'Create drive' }).click();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('button', { name: 'Use this browser' }).click();
  // The same name is somebody else's here: nobody has it in this browser.
  await signUp(page, { ...BORIS, username: ANNA.username });
  await sees(page, []);
  await makeFolder(page, 'here');
  await signOut(page);
  await page.getByRole('button', { name: new RegExp(`^${ANNA.username}.*${node.host}`) }).click();
  await typeInto(page.getByLabel('Password', { exact: true }), ANNA.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await seesDrive(page);
  await sees(page, ['at the server']);
});

test('the app of one server uses another', LONG, async ({ page, node, noConsoleErrors }) => {
  const other = await NodeSite.open({ pageOrigins: [node.origin] });
  noConsoleErrors.own(other.origin);
  try {
    await page.goto(node.root);
    await page.getByRole('button', { name: 'Change' }).click();
    await typeInto(page.getByLabel('Address of the server'), other.origin);
    await page.getByRole('button', { name: 'Use this server' }).click();
    await expect(page.getByText(`On ${other.host}`)).toBeVisible();
    await signUp(page, ANNA);
    await makeFolder(page, 'elsewhere');
    await sees(page, ['elsewhere']);
  } finally {
    await other.destroy();
  }
});

test.describe('by invitation', () => {
  test.use({ nodeOptions: { signUps: 'token' } });

  test('the first link makes an account, and no second one', async ({
    page,
    node,
    noConsoleErrors,
  }) => {
    noConsoleErrors.allow(/status of 400/);
    const token = node.running.operatorToken ?? '';
    await page.goto(`${node.root}#signup=true&token=${token}`);
    await expect(page.getByLabel('Invitation')).toHaveValue(token);
    expect(page.url()).not.toContain(token);
    await signUp(page, ANNA);
    await signOut(page);
    await page.getByRole('button', { name: 'Create drive' }).click();
    await typeInto(page.getByLabel('Name', { exact: true }), BORIS.username);
    await typeInto(page.getByLabel('Password', { exact: true }), BORIS.password);
    await typeInto(page.getByLabel('Invitation'), token);
    await page.getByRole('button', { name: 'Create drive' }).click();
    await expect(page.getByRole('alert')).toContainText(/invitation|token/i);
  });
});

async function seesFrameAt(page: Page, seconds: number): Promise<void> {
  const video = viewer(page).locator('video');
  await expect(video).toHaveJSProperty('readyState', 4);
  await viewer(page).getByRole('slider', { name: 'Position' }).fill(String(seconds));
  await expect.poll(() => shownFrame(video)).toBe(seconds * FRAMES_PER_SECOND);
}
