/** Nodes without a domain: links to files on them, and what the settings tell of servers. */
import type { Page } from '@playwright/test';
import { createSqliteRecordStore } from '#lib/stores/server/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { lieOnce } from '#lib/name-registry/testing.ts';
import { join } from 'node:path';
import { RECORDS_FILE } from '../../src/server/data/stores.ts';
import { freeUdpPort } from '../server/udp-port.ts';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import { LinkOwner } from './link-owner.ts';
import { NodeSite } from './node-site.ts';
import { ANNA, pickFiles, signUp, toSignInForm } from './pages/account-page.ts';
import { act, goTo, sees, signOut, transfersEnd } from './pages/drive-page.ts';
import { Profile } from './profile.ts';

const NAME = 'plan.txt';
const [DESK] = SIZES;

async function linkTo(page: Page, name: string): Promise<string> {
  await act(page, name, 'Share…');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByRole('button', { name: `More for the link to ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Show link and QR code' }).click();
  return page.getByLabel('Link', { exact: true }).inputValue();
}

test('a link to files on a node without a domain opens for somebody else', async ({
  page,
  site,
  fixtureFiles,
}) => {
  const webrtcPort = await freeUdpPort();
  const node = await NodeSite.open({ webrtcPort, webrtcHost: '127.0.0.1' });
  const guest = new Profile();
  try {
    const [address = ''] = node.running.webrtcAddresses;
    await page.goto(`${site.root}#node=${address}`);
    await signUp(page, ANNA);
    await pickFiles(page, [fixtureFiles.file(NAME, 'We meet at noon.')]);
    await sees(page, [NAME]);
    await transfersEnd(page);
    const link = await linkTo(page, NAME);
    expect(link.startsWith(`${site.root}#${address}/secret/z`)).toBe(true);
    const visit = await guest.page();
    const asked: string[] = [];
    visit.on('request', (request) => asked.push(request.url()));
    await visit.goto(link);
    await expect(visit.getByRole('heading', { name: NAME })).toBeVisible();
    await visit.getByRole('button', { name: 'Open' }).click();
    await expect(visit.frameLocator('iframe').getByText('We meet at noon.')).toBeVisible();
    expect(asked.filter((url) => /certhash|secret\//u.test(url.split('#')[0] ?? ''))).toEqual([]);
  } finally {
    await guest.destroy();
    await node.destroy();
  }
});

test('the settings tell of servers', LONG, async ({ page, fixtureFiles, noConsoleErrors }) => {
  const code = fixtureFiles.path('code.png');
  test.setTimeout(300_000);
  const webrtcPort = await freeUdpPort();
  const own = { webrtcPort, webrtcHost: '127.0.0.1', registry: { at: 'self' } } as const;
  const node = await NodeSite.open(own);
  const second = await NodeSite.open({ pageOrigins: [node.origin] });
  noConsoleErrors.own(node.origin);
  noConsoleErrors.own(second.origin);
  noConsoleErrors.allow(/ERR_CONNECTION_REFUSED/);
  try {
    await page.goto(node.root);
    await signUp(page, ANNA);
    await goTo(page, 'Settings');
    const settings = page.getByRole('region', { name: 'Your server' });
    await settings.scrollIntoViewIfNeeded();

    await test.step('its addresses, as links and codes', async () => {
      await settings
        .getByRole('button', { name: `Show link and QR code of 127.0.0.1:${String(webrtcPort)}` })
        .press('Enter');
      const [address = ''] = node.running.webrtcAddresses;
      await expect(settings.getByLabel('Link', { exact: true })).toHaveValue(
        `${node.root}#node=${address}`,
      );
      await settings.getByRole('img', { name: 'QR code of the link' }).screenshot({ path: code });
      await settings.getByText('Ways to your server').scrollIntoViewIfNeeded();
      await inEverySize(page, 'settings, server');
      await settings.getByRole('button', { name: 'Close' }).press('Enter');
      await page.setViewportSize(DESK);
    });

    await test.step('a second server, which agrees on nothing yet', async () => {
      await settings.getByRole('button', { name: 'Name a second server' }).press('Enter');
      await page.keyboard.type(node.origin);
      await page.keyboard.press('Enter');
      await expect(settings.getByText('This is the server of your account itself.')).toBeVisible();
      await inEverySize(page, 'settings, second server refused');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(second.origin);
      await page.keyboard.press('Enter');
      await expect(settings.getByText('It does not know 1 name.')).toBeVisible();
    });

    await test.step('and then contradicts', async () => {
      await LinkOwner.at(second.origin, ANNA);
      await settings.getByRole('button', { name: 'Compare now' }).press('Enter');
      await expect(settings.getByText(/different keys for your own name/)).toBeVisible();
      await settings.getByText('Second server').scrollIntoViewIfNeeded();
      await inEverySize(page, 'settings, second server contradicts');
      await page.setViewportSize(DESK);
    });

    await test.step('a registry that lied', async () => {
      await startCrypto();
      const records = await createSqliteRecordStore(join(node.dataFolder, RECORDS_FILE));
      await lieOnce({ records, random: systemRandom });
      await records.close();
      await page.reload();
      await expect(page.getByText(/signed two different states number/).first()).toBeVisible();
      await settings.getByText('Show the two states').click();
      await expect(settings.getByText(/^zdpu/).first()).toBeVisible();
      await settings.scrollIntoViewIfNeeded();
      await inEverySize(page, 'settings, registry lied');
      await page.setViewportSize(DESK);
    });

    await test.step('the second server stays named, until it is removed', async () => {
      const host = second.host;
      await expect(settings.getByText(`${host} is asked too.`)).toBeVisible();
      await settings.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
      await expect(settings.getByText('None is named.')).toBeVisible();
      await expect(settings.getByRole('button', { name: 'Name a second server' })).toBeFocused();
    });

    await test.step('whose code, scanned by another device, chooses it', async () => {
      await signOut(page);
      await toSignInForm(page);
      await page.getByRole('button', { name: 'Change' }).press('Enter');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(node.running.webrtcAddresses[0] ?? '');
      await inEverySize(page, 'choice of a node');
      await page.getByRole('button', { name: 'Scan a code' }).press('Enter');
      await expect(page.getByText(/The camera is off/)).toBeVisible();
      await inEverySize(page, 'choice of a node, by a code');
      await page.getByLabel('Address of the server').fill('');
      await page.locator('input[type=file]').setInputFiles(code);
      await expect(page.getByText(`On 127.0.0.1:${String(webrtcPort)}`)).toBeVisible();
    });
  } finally {
    await second.destroy();
    await node.destroy();
  }
});
