/** The built site from a real Kubo: what it is called, and the drive at each kind of address. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect as see } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { addressesAt, gatewayOf, type PublishedAddresses } from '../../scripts/ipfs/addresses.ts';
import { ROOT } from '../../scripts/build.ts';
import { filesBelow, folderCar } from '../../scripts/ipfs/site-car.ts';
import { anotherBuild } from '../browser/another-build.ts';
import { ANNA, seesDrive, signIn, signUp } from '../browser/pages/account-page.ts';
import { goTo } from '../browser/pages/drive-page.ts';
import { Kubo, KUBO_PROGRAM } from './kubo.ts';
import {
  chooseServer,
  fixtureFiles,
  getsItBack,
  HAS_CHROMIUM,
  openNode,
  openPage,
  SITE,
  upload,
} from './pages.ts';

const KEY = 'site';
let kubo: Kubo;
/** The site as it is, put there without the command. */
let addresses: PublishedAddresses;

describe.skipIf(KUBO_PROGRAM === undefined || SITE === '')('the site on Kubo', () => {
  beforeAll(async () => {
    kubo = await Kubo.start({ hasTable: true });
    kubo.command('key', 'gen', KEY);
    const { cid, bytes } = await folderCar(filesBelow(SITE));
    await kubo.rpc.importCar(bytes);
    addresses = addressesAt(gatewayOf(await kubo.rpc.gatewayAddresses()) ?? '', { cid });
  });
  afterAll(() => kubo.stop());

  test('has the CID that Kubo gives the same folder', async () => {
    const cid = kubo.command('add', '-rQ', '--cid-version=1', '--only-hash', SITE);
    expect((await folderCar(filesBelow(SITE))).cid).toBe(cid);
    const pins = kubo.command('pin', 'ls', '--type=recursive', '--quiet').split('\n');
    expect(pins).toContain(cid);
  });

  test('is published by the command, the same twice, under a key that is there', () => {
    const first = publish(SITE);
    const [cid = ''] = first.split('\n');
    expect(publish(SITE).split('\n')[0]).toBe(cid);
    const [, stable = ''] = /stays with the next version: (\S+)/u.exec(first) ?? [];
    const [, name = ''] = /^http:\/\/(k51\w+)\.ipns\.localhost:\d+\/$/u.exec(stable) ?? [];
    expect(kubo.command('name', 'resolve', '--nocache', name)).toBe(`/ipfs/${cid}`);
    expect(JSON.parse(kubo.command('cat', `${cid}/stable-address.json`))).toEqual({ ipns: name });
    expect(publishing(SITE, kubo, 'nowhere')).toMatchObject({ status: 1 });
  });

  describe.skipIf(!HAS_CHROMIUM)('in Chromium', () => {
    test('at a subdomain the drive works, offers the address that stays, and starts without a network', async () => {
      const own = await Kubo.start({ hasTable: true });
      onTestFinished(() => own.stop());
      own.command('key', 'gen', KEY);
      const said = publish(SITE, own);
      const [, address = ''] = /this version: +(\S+)/u.exec(said) ?? [];
      const page = await openPage();
      await page.goto(address);
      const [, stable = ''] = /stays with the next version: (\S+)/u.exec(said) ?? [];
      await see(page.getByRole('link', { name: 'Use the address that stays' })).toHaveAttribute(
        'href',
        stable,
      );
      await signUp(page, ANNA);
      await upload(page);
      await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
      await own.stop();
      await page.reload();
      await seesDrive(page);
      await getsItBack(page);
    });

    test('at a path the drive works, and nobody stays signed in', async () => {
      const page = await openPage();
      await page.goto(addresses.path);
      await signUp(page, ANNA, 'not-here');
      await upload(page);
      await page.reload();
      await signIn(page, ANNA, 'not-here');
      await getsItBack(page);
    });

    test('with a server elsewhere the drive is there', async () => {
      const node = await openNode({ pageOrigins: [new URL(addresses.subdomain).origin] });
      const page = await openPage();
      await page.goto(addresses.subdomain);
      await chooseServer(page, node);
      await signUp(page, ANNA);
      await upload(page);
      await page.reload();
      await seesDrive(page);
      await getsItBack(page);
    });

    test('under a key the next version finds the drive of the one before', async () => {
      const after = 'a1b2c3d4e5a1b2c3d4e5';
      const [, address = ''] = /stays with the next version: (\S+)/u.exec(publish(SITE)) ?? [];
      const page = await openPage();
      await page.goto(address);
      await see(page.getByText('of this version of the app alone')).toBeHidden();
      await signUp(page, ANNA);
      await upload(page);
      await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
      publish(anotherBuild(SITE, fixtureFiles().path('newer'), after));
      const reload = page.getByRole('button', { name: 'Reload now' });
      await see(async () => {
        await page.reload();
        await seesDrive(page);
        await see(reload).toBeVisible({ timeout: 5_000 });
      }).toPass({ timeout: 90_000 });
      await reload.click();
      await see(reload).toBeHidden();
      await seesDrive(page);
      await getsItBack(page);
      await goTo(page, 'Settings');
      await see(page.getByText(after).last()).toBeVisible();
    });
  });
});

/** What the command printed. */
function publish(site: string, to = kubo): string {
  const { status, stdout, stderr } = publishing(site, to, KEY);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

function publishing(site: string, { rpc: { origin } }: Kubo, key: string) {
  const script = join(ROOT, 'scripts', 'publish-ipfs.ts');
  const args = ['--api', origin, '--key', key, '--ttl', '1s'];
  const out = fixtureFiles().path('site.car');
  return spawnSync(process.execPath, [script, ...args, '--out', out], {
    encoding: 'utf8',
    env: { ...process.env, PYRGOS_SITE: site },
  });
}
