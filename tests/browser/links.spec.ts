/** Secret links on their owner's side: made, copied, changed, shown and deleted. */
import type { BrowserContext, Page, Request } from '@playwright/test';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { guestDrive, openLink, parseLinkAddress, shownIdentity } from '#lib/social/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { LONG, expect, test as base } from './fixtures.ts';
import { ANNA, entry, pickFiles, seesDrive, signUp, typeInto } from './pages/account-page.ts';
import { act, goTo, sees, transfersEnd } from './pages/drive-page.ts';

const [DESK] = SIZES;

/** A browser that lets the page copy, and the test look at what was copied. */
const test = base.extend({
  browserOptions: async ({}, use) => {
    await use({ context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  },
});

const sheet = (page: Page) => page.getByRole('dialog', { name: /^Share/ });
const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

async function chooseFor(page: Page, name: string, words: string): Promise<void> {
  await page.getByRole('button', { name: `More for the link to ${name}` }).click();
  await page.getByRole('menuitem', { name: words }).click();
}

test.describe('of a drive in this browser', () => {
  test.use({ isSignedUp: true });

  test(
    'a link is made, copied, changed and deleted by keys alone',
    LONG,
    async ({ page, site, fixtureFiles }) => {
      const { keyboard } = page;
      const toLink = page.getByRole('button', { name: 'Copy link', exact: true });
      await page.goto(site.root);
      await seesDrive(page);
      await pickFiles(page, [fixtureFiles.file('plan.txt', 'We meet at noon.')]);
      await sees(page, ['plan.txt']);
      await transfersEnd(page);

      const address = await test.step('made with one key, and copied with the next', async () => {
        await openSheetByKeys(page);
        await expect(sheet(page).getByRole('button', { name: 'Create link' })).toBeFocused();
        await expect(sheet(page).getByText('No link yet.')).toBeVisible();
        await inEverySize(page, 'links, none yet');
        await page.setViewportSize(DESK);
        await page.getByRole('button', { name: 'Create link' }).focus();
        await keyboard.press('Enter');
        await expect(page.getByText('The link is ready.')).toBeVisible();
        await expect(toLink).toBeFocused();
        await expect(sheet(page).getByText('no password, no end')).toBeVisible();
        await keyboard.press('Enter');
        await expect(page.getByText('Link copied.')).toBeVisible();
        await inEverySize(page, 'links, one');
        await page.setViewportSize(DESK);
        return copied(page);
      });
      expect(address).toMatch(
        new RegExp(`^${site.origin}/secret/z[1-9A-HJ-NP-Za-km-z]+/[0-9]+#[A-Za-z0-9]{12}$`),
      );

      await test.step('it is nowhere in the address bar or the title', async () => {
        const secret = address.split('#')[1] ?? '';
        expect(page.url()).not.toContain(secret);
        expect(await page.title()).not.toContain(secret);
      });

      await test.step('changed, with its address staying', async () => {
        await tabTo(page, 'More for the link to plan.txt');
        await keyboard.press('Enter');
        await expect(page.getByRole('menu')).toBeVisible();
        await inEverySize(page, 'links, menu');
        await page.setViewportSize(DESK);
        await chooseByKeys(page, 'Change…');
        await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
        await keyboard.type('sesame');
        await keyboard.press('Tab');
        await page.getByLabel('Last day').fill('2020-01-01');
        await expect(page.getByText('Choose today or a later day.')).toBeVisible();
        await page.getByLabel('Last day').fill('2190-05-05');
        await page.getByLabel('How often it can be opened').focus();
        await keyboard.type('0');
        await expect(page.getByText('Type a whole number from 1.')).toBeVisible();
        await expect(sheet(page).getByRole('button', { name: 'Save' })).toBeDisabled();
        await inEverySize(page, 'links, form with a fault');
        await page.setViewportSize(DESK);
        await keyboard.press('Backspace');
        await keyboard.type('3');
        await inEverySize(page, 'links, form');
        await page.setViewportSize(DESK);
        await keyboard.press('Enter');
        await expect(page.getByText('Link changed.')).toBeVisible();
        const about = 'asks for a password · until May 5, 2190 · can be opened 3 times';
        await expect(sheet(page).getByText(about)).toBeVisible();
        await expect(page.getByRole('button', { name: /^More for the link/ })).toBeFocused();
        await keyboard.press('Shift+Tab');
        await expect(toLink).toBeFocused();
        await page.evaluate(() => navigator.clipboard.writeText(''));
        await keyboard.press('Enter');
        await expect.poll(() => copied(page)).toBe(address);
      });

      await test.step('shown as text and as a code', async () => {
        await keyboard.press('Tab');
        await keyboard.press('Enter');
        await chooseByKeys(page, 'Show link and QR code');
        await expect(page.getByLabel('Link', { exact: true })).toBeFocused();
        await expect(page.getByLabel('Link', { exact: true })).toHaveValue(address);
        await expect(page.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
        await inEverySize(page, 'links, code');
        await page.setViewportSize(DESK);
        await keyboard.press('Tab');
        await keyboard.press('Enter');
        await expect(page.getByRole('button', { name: /^More for the link/ })).toBeFocused();
      });

      await test.step('deleted after an explanation', async () => {
        await keyboard.press('Enter');
        await chooseByKeys(page, 'Delete link…');
        await expect(sheet(page).getByText('From now on nobody can open this link.')).toBeVisible();
        await expect(sheet(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
        await inEverySize(page, 'links, delete');
        await page.setViewportSize(DESK);
        await keyboard.press('Tab');
        await keyboard.press('Enter');
        await expect(page.getByText('Link deleted.')).toBeVisible();
        await expect(sheet(page).getByText('No link yet.')).toBeVisible();
        await expect(sheet(page).getByRole('button', { name: 'Create link' })).toBeFocused();
      });

      await test.step('and the sheet leads to where the account can be moved', async () => {
        await tabTo(page, 'Move to a server');
        await keyboard.press('Enter');
        await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
        await expect(page.getByLabel('Address of the server')).toBeFocused();
      });
    },
  );

  test(
    'all links are on the shared page, also one to what is in the trash',
    LONG,
    async ({ page, site, fixtureFiles }) => {
      await hasShareSheet(page);
      await page.goto(site.root);
      await seesDrive(page);
      await pickFiles(page, [
        fixtureFiles.file('plan.txt', 'We meet at noon.'),
        fixtureFiles.file('old.txt', 'Nobody meets.'),
      ]);
      await sees(page, ['plan.txt', 'old.txt']);
      await transfersEnd(page);
      for (const name of ['plan.txt', 'old.txt']) {
        await act(page, name, 'Share…');
        await sheet(page).getByRole('button', { name: 'Options…' }).click();
        if (name === 'plan.txt') {
          await sheet(page).getByText('Can edit').click();
          await expect(sheet(page).getByText('counts as your space')).toBeVisible();
          await typeInto(sheet(page).getByLabel('Password', { exact: true }), 'sesame');
        }
        await sheet(page).getByRole('button', { name: 'Create link' }).click();
        await expect(sheet(page).getByRole('button', { name: 'Copy link' })).toBeVisible();
        await sheet(page).getByRole('button', { name: 'Close' }).click();
        await expect(sheet(page)).toBeHidden();
      }
      await act(page, 'old.txt', 'Move to trash');
      await page.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click();
      await sees(page, ['plan.txt']);
      await goTo(page, 'Shared');
      await expect(page.getByText('Can edit · asks for a password')).toBeVisible();
      await expect(page.getByText('In the trash')).toBeVisible();
      await inEverySize(page, 'shared, links');
      await page.setViewportSize(DESK);
      await page.getByRole('button', { name: 'Copy link: plan.txt' }).click();
      await expect.poll(() => copied(page)).toContain('/secret/');
      const address = await copied(page);
      await chooseFor(page, 'plan.txt', 'Copy link that downloads at once');
      await expect.poll(() => copied(page)).toBe(`${address}?download=true`);
      await chooseFor(page, 'plan.txt', 'Send with another app…');
      await expect.poll(() => sent(page)).toEqual([{ title: 'plan.txt', url: address }]);
      await chooseFor(page, 'old.txt', 'Delete link…');
      await page.getByRole('button', { name: 'Delete link', exact: true }).click();
      await expect(page.getByText('In the trash')).toBeHidden();
      await chooseFor(page, 'plan.txt', 'Show in drive');
      await expect(entry(page, 'plan.txt')).toBeVisible();
    },
  );
});

test.describe('of a drive on a server', () => {
  test(
    'a copied link opens the file with its password, and no request ever held either',
    LONG,
    async ({ page, context, node, fixtureFiles }) => {
      const asked = requestsOf(context);
      await page.goto(node.root);
      await signUp(page, ANNA);
      await pickFiles(page, [fixtureFiles.file('plan.txt', 'We meet at noon.')]);
      await sees(page, ['plan.txt']);
      await transfersEnd(page);
      await act(page, 'plan.txt', 'Share…');
      await expect(sheet(page).getByText('Your drive is only in this browser')).toBeHidden();
      await sheet(page).getByRole('button', { name: 'Options…' }).click();
      await typeInto(sheet(page).getByLabel('Password', { exact: true }), 'open-sesame-7');
      await sheet(page).getByRole('button', { name: 'Create link' }).click();
      await sheet(page).getByRole('button', { name: 'Copy link' }).click();
      await expect.poll(() => copied(page)).toContain('/secret/');
      const address = await copied(page);
      await inEverySize(page, 'links, on a server');
      await page.setViewportSize(DESK);

      await expect(readAsGuest(node.root, address, '')).rejects.toMatchObject({
        name: 'WrongLinkPassword',
      });
      expect(await readAsGuest(node.root, address, 'open-sesame-7')).toBe('We meet at noon.');
      await chooseFor(page, 'plan.txt', 'Delete link…');
      await sheet(page).getByRole('button', { name: 'Delete link', exact: true }).click();
      await expect(sheet(page).getByText('No link yet.')).toBeVisible();
      await expect(readAsGuest(node.root, address, 'open-sesame-7')).rejects.toMatchObject({
        name: 'LinkRemoved',
      });

      const secret = address.split('#')[1] ?? '';
      expect(secret).toMatch(/^[A-Za-z0-9]{12}$/);
      expect(asked.length).toBeGreaterThan(10);
      for (const text of await Promise.all(asked.map(textOf))) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain('open-sesame-7');
      }
    },
  );
});

/** As where the system has a sheet for sending things; what it was given is kept. */
async function hasShareSheet(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const given: unknown[] = [];
    Object.assign(globalThis, { given });
    Object.assign(navigator, {
      share: async (data: unknown): Promise<void> => void given.push(data),
    });
  });
}

function sent(page: Page): Promise<unknown[]> {
  return page.evaluate(() => (globalThis as unknown as { given: unknown[] }).given);
}

/** All that is asked for in this browser, by pages and workers. */
function requestsOf(context: BrowserContext): Request[] {
  const asked: Request[] = [];
  context.on('request', (request) => asked.push(request));
  return asked;
}

async function textOf(request: Request): Promise<string> {
  const headers = await request.allHeaders().catch(() => request.headers());
  const body = request.postDataBuffer()?.toString('latin1') ?? '';
  return [request.url(), ...Object.values(headers), body].join('\n');
}

/** What somebody without an account gets from a file's link. */
async function readAsGuest(root: string, address: string, password: string): Promise<string> {
  await startCrypto();
  const node = createHttpNode(new URL(root).origin);
  const driveDeps = {
    node,
    random: systemRandom,
    clock: () => Date.now(),
    pointerMemory: createPointerMemory(),
    blockCache: createBlockCache(1 << 20),
    cipher: createLocalChunkCipher(systemRandom),
  };
  const deps = { driveDeps, identityOf: (name: string) => shownIdentity(node, name) };
  const { item } = await openLink(deps, parseLinkAddress(address), password);
  const pieces: Uint8Array[] = [];
  for await (const piece of guestDrive(driveDeps, []).read(item)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function openSheetByKeys(page: Page): Promise<void> {
  await page.getByRole('grid').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ContextMenu');
  await expect(page.getByRole('menu')).toBeVisible();
  await chooseByKeys(page, 'Share…');
  await expect(sheet(page)).toBeVisible();
}

/** Down the open menu to an item, and chooses it. */
async function chooseByKeys(page: Page, words: string): Promise<void> {
  const item = page.getByRole('menuitem', { name: words });
  await expect(async () => {
    await page.keyboard.press('ArrowDown');
    await expect(item).toBeFocused({ timeout: 100 });
  }).toPass();
  await page.keyboard.press('Enter');
}

async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.getByRole('button', { name, exact: true });
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(wanted).toBeFocused({ timeout: 100 });
  }).toPass();
}
