/** A node without domain and certificate: a page from elsewhere reaches it by its multiaddr alone. */
import type { Page } from '@playwright/test';
import { freeUdpPort } from '../server/udp-port.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import type { FixtureFiles } from './fixture-files.ts';
import { NodeSite } from './node-site.ts';
import { ANNA, pickFiles, seesDrive, signUp } from './pages/account-page.ts';
import { download, sees, transfersEnd } from './pages/drive-page.ts';
import type { Site } from './site.ts';

/** What Chromium is rolling out: offers may not be changed any more. */
const NO_CHANGED_OFFERS = '--force-fieldtrials=WebRTC-NoSdpMangleUfrag/Enabled/';
const NAME = 'noise.bin';
const BYTES = 7_000_000;

interface Told {
  readonly page: Page;
  readonly site: Site;
  readonly fixtureFiles: FixtureFiles;
}

/** The person presses the button beside the address, or just sends the form. */
async function firstDay({ page, site, fixtureFiles }: Told, isPressed: boolean): Promise<void> {
  const webrtcPort = await freeUdpPort();
  const node = await NodeSite.open({ webrtcPort, webrtcHost: '127.0.0.1' });
  try {
    const [address = ''] = node.running.webrtcAddresses;
    await page.goto(`${site.root}#node=${address}`);
    await expect(page.getByLabel('Address of the server')).toHaveValue(address);
    expect(new URL(page.url()).hash).toBe('');
    if (isPressed) {
      await page.getByRole('button', { name: 'Use this server' }).click();
      await expect(page.getByText(`On 127.0.0.1:${String(webrtcPort)}`)).toBeVisible();
    }
    await signUp(page, ANNA);
    await expect(page.getByText(`On 127.0.0.1:${String(webrtcPort)}`).first()).toBeVisible();
    await pickFiles(page, [fixtureFiles.file(NAME, noise(NAME, BYTES))]);
    await sees(page, [NAME]);
    await transfersEnd(page);
    expect(await download(page, NAME)).toEqual(noise(NAME, BYTES));
    await page.reload();
    await seesDrive(page);
    await sees(page, [NAME]);
  } finally {
    await node.destroy();
  }
}

test.describe('in a browser that lets no page change its offers', () => {
  test.use({ browserOptions: { args: [NO_CHANGED_OFFERS] } });

  test('a page signs up at a node it knows by its address alone, and keeps files there', async ({
    page,
    site,
    fixtureFiles,
  }) => {
    await firstDay({ page, site, fixtureFiles }, true);
  });
});

test('the same in a browser that does', LONG, async ({ page, site, fixtureFiles }) => {
  await firstDay({ page, site, fixtureFiles }, false);
});

test(
  'an address where nobody answers is told, and another one can be named',
  LONG,
  async ({ page, site }) => {
    const nobody =
      `/ip4/127.0.0.1/udp/${String(await freeUdpPort())}/webrtc-direct/certhash/` +
      'uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ/p2p/' +
      '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';
    await page.goto(`${site.root}#node=${nobody}`);
    await page.getByRole('button', { name: 'Use this server' }).click();
    await expect(page.getByText('The node does not answer at its address.')).toBeVisible();
    await page.getByLabel('Address of the server').fill('/ip4/not an address');
    await page.getByRole('button', { name: 'Use this server' }).click();
    await expect(page.getByText('This is not the address of a node.')).toBeVisible();
  },
);
