/** People without an account open links to files and folders of somebody at a node. */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { Page } from '@playwright/test';
import { countedFilm, FRAMES_PER_SECOND, shownFrame } from '../media/films.ts';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { noise, picture, type FixtureFiles } from './fixture-files.ts';
import { LONG, expect, test } from './fixtures.ts';
import { LinkOwner } from './link-owner.ts';
import {
  closeViewer,
  enter,
  makeFolder,
  sees,
  seesText,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { ANNA, BORIS, fillIn, pickFiles, seesDrive } from './pages/account-page.ts';
import { RecordingProxy } from './recording-proxy.ts';

const [DESK, PHONE] = SIZES;
const FILM = 'birthday of aurelia.mp4';
const FOLDER = 'papers of the lighthouse';
const PASSWORD = 'gull and lantern';

/** Anna has a film, and a folder with a few things. */
async function furnish(origin: string, fixtureFiles: FixtureFiles): Promise<LinkOwner> {
  const anna = await LinkOwner.at(origin, ANNA);
  await anna.put([FILM], await countedFilm('mp4', 20));
  const files = [
    ['index.txt', 'Index of the lighthouse.'],
    ['harbour.png', picture(640, 400, [10, 120, 200])],
    ['log/gale.txt', 'Force nine.'],
    ['melody.bin', noise('melody', 6_000_000)],
  ] as const;
  for (const [name, content] of files) {
    await anna.put([FOLDER, ...name.split('/')], fixtureFiles.file(name, content));
  }
  return anna;
}

async function seesFrameAt(page: Page, seconds: number): Promise<void> {
  const video = viewer(page).locator('video');
  await video.evaluate((element: HTMLVideoElement, to) => {
    element.pause();
    element.currentTime = to;
  }, seconds);
  const wanted = seconds * FRAMES_PER_SECOND;
  const isOff = async () => Math.abs((await shownFrame(video)) - wanted);
  await expect.poll(isOff).toBeLessThanOrEqual(1);
}

test('a film behind a link is played, sought and saved by a guest, and no request holds a secret', async ({
  page,
  node,
  noConsoleErrors,
  fixtureFiles,
}) => {
  test.setTimeout(240_000);
  const anna = await furnish(node.origin, fixtureFiles);
  const film = await anna.link([FILM], { userPassword: PASSWORD });
  const proxy = await RecordingProxy.to(Number(new URL(node.origin).port));
  noConsoleErrors.own(proxy.origin);
  await node.restart({ publicHosts: [new URL(proxy.origin).host] });
  await page.goto(`${proxy.origin}/${film.address}`);

  await test.step('asks for its password, and tells a wrong one', async () => {
    await expect(page.getByRole('heading', { name: 'This link has a password' })).toBeVisible();
    await inEverySize(page, 'guest, password');
    await page.setViewportSize(DESK);
    await page.keyboard.type('gull and lamp');
    await page.keyboard.press('Enter');
    await expect(page.getByText('This password does not open the link.')).toBeVisible();
    await inEverySize(page, 'guest, wrong password');
    await page.setViewportSize(DESK);
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
  });
  await test.step('shows the file as a card', async () => {
    await expect(page.getByRole('heading', { name: FILM })).toBeVisible();
    await expect(page.getByText('Shared by anna')).toBeVisible();
    await expect(page).toHaveTitle(`${FILM} – Pyrgos`);
    await inEverySize(page, 'guest, film');
    await page.setViewportSize(DESK);
  });
  await test.step('plays and seeks', async () => {
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(viewer(page).locator('video')).toBeVisible();
    for (const seconds of [14, 3, 19]) await seesFrameAt(page, seconds);
    await inEverySize(page, 'guest, film played');
    await page.setViewportSize(DESK);
    await page.goBack();
    await expect(viewer(page)).toBeHidden();
    await page.goForward();
    await expect(viewer(page).locator('video')).toBeVisible();
    await closeViewer(page);
  });
  await test.step('saves it', async () => {
    const begun = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    const saved = readFileSync(await (await begun).path());
    expect(saved.equals(readFileSync(await countedFilm('mp4', 20)))).toBe(true);
  });
  await test.step('and the address is still that of the link, and was told to nobody', async () => {
    expect(page.url()).toBe(`${proxy.origin}/${film.address}`);
    const sent = proxy.sent.toString('latin1');
    expect(sent).toContain('/api/v0/link/get');
    for (const secret of [film.secret, PASSWORD, FILM, 'aurelia']) {
      expect(sent).not.toContain(secret);
      expect(sent).not.toContain(encodeURIComponent(secret));
    }
  });
  await page.goto('about:blank');
  await proxy.close();
});

test('a folder behind a link is walked through, saved whole and kept by a guest', async ({
  page,
  node,
  fixtureFiles,
}) => {
  test.setTimeout(240_000);
  const anna = await furnish(node.origin, fixtureFiles);
  const { address } = await anna.link([FOLDER]);
  await page.goto(node.root + address);
  await test.step('shows what is in it, and nothing that cannot be done', async () => {
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
    await expect(page.getByText('Shared by anna')).toBeVisible();
    await expect(page.getByRole('button', { name: 'New', exact: true })).toBeHidden();
    await inEverySize(page, 'guest, folder');
    await page.setViewportSize(DESK);
    await page.locator('[data-index]').first().click({ button: 'right' });
    await expect(page.getByRole('menuitem')).toHaveText(['Open↵', 'Download', 'Details']);
    await page.keyboard.press('Escape');
  });
  await test.step('goes into a folder and back, never above the link, with keys alone', async () => {
    await page.reload();
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await sees(page, ['gale.txt']);
    await page.reload();
    await sees(page, ['gale.txt']);
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await seesText(page, 'Force nine.');
    await page.keyboard.press('Escape');
    await expect(viewer(page)).toBeHidden();
    await page.keyboard.press('Backspace');
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
    await page.keyboard.press('Backspace');
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
    await page.goBack();
    await sees(page, ['gale.txt']);
    await page.goForward();
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
    expect(page.url()).toBe(node.root + address);
  });
  await test.step('saves all of it as an archive', async () => {
    const begun = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download all' }).click();
    const download = await begun;
    expect(download.suggestedFilename()).toBe(`${FOLDER}.zip`);
    const archive = unzipSync(readFileSync(await download.path()));
    expect(Buffer.from(archive[`${FOLDER}/log/gale.txt`]!).toString()).toBe('Force nine.');
    expect(Buffer.from(archive[`${FOLDER}/melody.bin`]!).equals(noise('melody', 6_000_000))).toBe(
      true,
    );
  });
  await test.step('keeps a copy in a new drive', async () => {
    await page.getByRole('button', { name: 'Save to my drive' }).click();
    await expect(page.getByText(`Then ${FOLDER} is copied into it.`)).toBeVisible();
    await inEverySize(page, 'guest, account wanted');
    await page.setViewportSize(DESK);
    await page.getByRole('button', { name: 'Back to the link' }).click();
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
    await page.getByRole('button', { name: 'Save to my drive' }).click();
    await signUpAsGuest(page);
    await expect(page.getByText('A copy is in the drive of boris.')).toBeVisible({
      timeout: 60_000,
    });
    await inEverySize(page, 'guest, saved');
    await page.setViewportSize(DESK);
    await page.getByRole('button', { name: 'Show my drive' }).click();
    await seesDrive(page);
    await sees(page, [FOLDER]);
    await enter(page, FOLDER);
    await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
  });
  await test.step('and once more, without a question, while signed in', async () => {
    await page.goto(node.root + address);
    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: 'Save to my drive' }).click();
    await expect(page.getByText('A copy is in the drive of boris.')).toBeVisible({
      timeout: 60_000,
    });
  });
});

/** As at the first visit, but the page stays that of the link. */
async function signUpAsGuest(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Create your drive' }).waitFor();
  await fillIn(page, BORIS, true);
  await page.getByRole('button', { name: 'Create drive' }).click();
}

test('a guest adds files where the link allows it', async ({ page, node, fixtureFiles }) => {
  test.setTimeout(180_000);
  const anna = await furnish(node.origin, fixtureFiles);
  const { address } = await anna.link([FOLDER], { isWritable: true });
  await page.goto(node.root + address);
  await sees(page, ['log', 'index.txt', 'harbour.png', 'melody.bin']);
  await inEverySize(page, 'guest, folder to write');
  await page.setViewportSize(DESK);
  await pickFiles(page, [fixtureFiles.file('a word from boris.txt', 'Good morning.')]);
  await transfersEnd(page);
  await makeFolder(page, 'for anna');
  await enter(page, 'for anna');
  await pickFiles(page, [fixtureFiles.file('large.bin', noise('large', 7_000_000))]);
  // The transfers of before may still be said to have ended.
  await sees(page, ['large.bin']);
  await transfersEnd(page);
  // A client asks for pointers again after a few seconds.
  await expect(async () => {
    const word = await anna.find([FOLDER, 'a word from boris.txt']);
    expect(word.properties.sizeBytes).toBe('Good morning.'.length);
  }).toPass({ timeout: 15_000 });
  const large = await anna.find([FOLDER, 'for anna', 'large.bin']);
  expect(large.properties.sizeBytes).toBe(7_000_000);
});

test(
  'what cannot be opened is told apart',
  LONG,
  async ({ page, node, noConsoleErrors, fixtureFiles }) => {
    test.setTimeout(180_000);
    const anna = await LinkOwner.at(node.origin, ANNA);
    for (const name of ['plan.txt', 'gone.txt']) {
      await anna.put([name], fixtureFiles.file(name, 'We meet at noon.'));
    }
    noConsoleErrors.allow(/status of (400|404|500)|ERR_CONNECTION_REFUSED/u);
    const shows = async (address: string, heading: string): Promise<void> => {
      await page.goto('about:blank');
      await page.goto(node.root + address);
      await expect(page.getByRole('alert').getByRole('heading', { name: heading })).toBeVisible();
    };
    const { address } = await anna.link(['plan.txt']);
    await shows(address.slice(0, address.indexOf('#')), 'The link is not complete');
    await inEverySize(page, 'guest, link not complete');
    const expired = await anna.link(['plan.txt'], { expirySeconds: 1_000_000_000 });
    await shows(expired.address, 'This link has expired');
    await inEverySize(page, 'guest, link expired');
    const once = await anna.link(['plan.txt'], { maxRetrievals: 1 });
    await page.goto(node.root + once.address);
    await expect(page.getByRole('heading', { name: 'plan.txt' })).toBeVisible();
    await shows(once.address, 'This link is used up');
    const removed = await anna.link(['plan.txt']);
    await removed.remove();
    await shows(removed.address, 'This link does not exist any more');
    await page.goto(`${node.root}#${address}`);
    await expect(page.getByRole('heading', { name: 'plan.txt' })).toBeVisible();
    await node.stop();
    await shows(address, 'The server does not answer');
    await inEverySize(page, 'guest, server away');
    await node.restart();
    // A server that was away is asked again after a while.
    await expect(async () => {
      await page.getByRole('button', { name: 'Try again' }).click();
      await expect(page.getByRole('heading', { name: 'plan.txt' })).toBeVisible({ timeout: 3_000 });
    }).toPass();
  },
);

test(
  'a file is shown at once, or saved at once, where the address asks for it',
  LONG,
  async ({ page, node, fixtureFiles }) => {
    const anna = await LinkOwner.at(node.origin, ANNA);
    await anna.put(['plan.txt'], fixtureFiles.file('plan.txt', 'We meet at noon.'));
    const { address } = await anna.link(['plan.txt']);
    await page.goto(`${node.root}${address}?open=true`);
    await seesText(page, 'We meet at noon.');
    await closeViewer(page);
    await expect(page.getByRole('heading', { name: 'plan.txt' })).toBeVisible();
    await page.goto('about:blank');
    const begun = page.waitForEvent('download');
    await page.goto(`${node.root}${address}?download=true`);
    expect(readFileSync(await (await begun).path()).toString()).toBe('We meet at noon.');
  },
);

test(
  'a link of a server opens on a static host that knows no such paths',
  LONG,
  async ({ page, node, site, fixtureFiles }) => {
    await node.restart({ pageOrigins: [site.origin] });
    const anna = await LinkOwner.at(node.origin, ANNA);
    await anna.put(['plan.txt'], fixtureFiles.file('plan.txt', 'We meet at noon.'));
    const { address } = await anna.link(['plan.txt']);
    for (const root of [site.root, site.underPrefix]) {
      await page.goto('about:blank');
      await page.goto(`${root}#${node.root}${address}`);
      await page.getByRole('button', { name: 'Open', exact: true }).click();
      await seesText(page, 'We meet at noon.');
    }
  },
);
