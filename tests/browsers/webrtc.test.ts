/** A node known by its address alone, reached from a page in Firefox: a drive there, and a reload. */
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FixtureFiles } from '../browser/fixture-files.ts';
import { NodeSite } from '../browser/node-site.ts';
import { Site } from '../browser/site.ts';
import { freeUdpPort } from '../server/udp-port.ts';
import type { DrivenBrowser, DrivenEngine, Tab } from './driven.ts';
import { firefox } from './firefox.ts';
import { holds, pick, signUp } from './person.ts';
import { press, reload, says, sees } from './screen.ts';

/** Firefox connects to no loopback address; a node on another device is what people have. */
const ADDRESS = Object.values(networkInterfaces())
  .flatMap((it) => it ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const program = process.env['PYRGOS_FIREFOX'];

describe.skipIf(program === undefined || ADDRESS === undefined)('Firefox', () => {
  const fixtureFiles = new FixtureFiles();
  let [site, node]: [Site?, NodeSite?] = [];
  let engine: DrivenEngine;
  let browser: DrivenBrowser;
  let tab: Tab;

  beforeAll(async () => {
    site = await Site.open();
    node = await NodeSite.open({ webrtcPort: await freeUdpPort(), webrtcHost: ADDRESS! });
    engine = firefox(program!);
    browser = await engine.start();
    tab = await browser.newTab();
  });
  afterAll(async () => {
    await browser?.quit();
    engine?.remove();
    await site?.stop().catch(() => undefined);
    await node?.destroy();
    fixtureFiles.remove();
  });

  test('signs up at a node without a domain and keeps a file there', async () => {
    const [address = ''] = node!.running.webrtcAddresses;
    expect(address).toContain(`/ip4/${ADDRESS!}/udp/`);
    await tab.goto(`${site!.root}#node=${address}`);
    await press(tab, 'button', says('where_use'));
    await sees(tab, 'status', `On ${ADDRESS!}:`);
    await signUp(tab);
    await pick(tab, [fixtureFiles.file('letter.txt', 'The heron stands.')]);
    await holds(tab, ['letter.txt']);
    await reload(tab);
    await holds(tab, ['letter.txt']);
  });
});
