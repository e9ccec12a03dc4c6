/**
 * A page from a gateway reaches a node by its address alone (WebRTC-direct, version 2): a Kubo takes
 * the page's connection and hands its requests to our node beside it.
 */
import { expect as see } from '@playwright/test';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { addressesAt, gatewayOf } from '../../scripts/ipfs/addresses.ts';
import { filesBelow, folderCar } from '../../scripts/ipfs/site-car.ts';
import { ANNA, seesDrive, signUp } from '../browser/pages/account-page.ts';
import { Kubo, KUBO_PROGRAM } from './kubo.ts';
import { getsItBack, HAS_CHROMIUM, openNode, openPage, SITE, upload } from './pages.ts';

/** What Chromium is rolling out: offers may not be changed any more. */
const NO_CHANGED_OFFERS = '--force-fieldtrials=WebRTC-NoSdpMangleUfrag/Enabled/';

const isMissing = KUBO_PROGRAM === undefined || SITE === '' || !HAS_CHROMIUM;

describe.skipIf(isMissing)('a page from the gateway of Kubo', () => {
  let kubo: Kubo;
  let page: string;

  beforeAll(async () => {
    kubo = await Kubo.start({ takesPages: true });
    const { cid, bytes } = await folderCar(filesBelow(SITE));
    await kubo.rpc.importCar(bytes);
    page = addressesAt(gatewayOf(await kubo.rpc.gatewayAddresses()) ?? '', { cid }).subdomain;
  });
  afterAll(() => kubo.stop());

  test.each([
    ['that lets pages change their offers', []],
    ['that does not', [NO_CHANGED_OFFERS]],
  ])('keeps a drive at a node behind Kubo, in a browser %s', async (_, args) => {
    const node = await openNode({ publicHosts: [kubo.nodeId.toPeerId()] });
    kubo.command('p2p', 'close', '--all');
    await kubo.forwardHttp(node.running.port);
    const address = kubo.addresses.find((it) => it.includes('/webrtc-direct/')) ?? '';
    const tab = await openPage(args);
    await tab.goto(`${page}#node=${address}`);
    await see(tab.getByLabel('Address of the server')).toHaveValue(address);
    await tab.getByRole('button', { name: 'Use this server' }).click();
    await see(tab.getByText('On 127.0.0.1:')).toBeVisible({ timeout: 30_000 });
    await signUp(tab, ANNA);
    await upload(tab);
    await tab.reload();
    await seesDrive(tab);
    await getsItBack(tab);
  });
});
