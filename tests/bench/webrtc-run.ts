/** A node on loopback that is known by its multiaddr alone, in a browser that was never there before. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { DIST } from '../../scripts/build.ts';
import { LinkOwner } from '../browser/link-owner.ts';
import { NodeSite } from '../browser/node-site.ts';
import { ANNA, signIn } from '../browser/pages/account-page.ts';
import { beginDownload } from '../browser/pages/drive-page.ts';
import { Profile } from '../browser/profile.ts';
import { freeUdpPort } from '../server/udp-port.ts';
import { randomFile, rounded } from './engine-run.ts';

const FILE_MIB = 64;

export interface WebRtcTimes {
  /** From the click on "Use this server" until the node is named. */
  readonly dialMs: number;
  /** From the click on "Download" until the file is there. */
  readonly mibPerSecond: number;
}

/** A person signs in at the node by its address and downloads one file. */
export async function webrtcTimes(root: string): Promise<WebRtcTimes> {
  const webrtcPort = await freeUdpPort();
  const node = await NodeSite.open({ webrtcPort, webrtcHost: '127.0.0.1' });
  const profile = new Profile();
  try {
    const { path, name } = randomFile(FILE_MIB);
    const anna = await LinkOwner.at(node.origin, ANNA);
    await anna.put([name], path);
    const page = await profile.page();
    await page.goto(`${root}#node=/ip4/none`);
    // The engine is started by the first question; it is measured elsewhere.
    await page.getByRole('button', { name: 'Use this server' }).click();
    await page.getByText('This is not the address of a node.').waitFor();
    const address = node.running.webrtcAddresses[0] ?? '';
    await page.getByLabel('Address of the server').fill(address);
    const dialMs = await clickUntilNamed(page, `127.0.0.1:${String(webrtcPort)}`);
    await signIn(page, ANNA);
    const start = performance.now();
    await (await beginDownload(page, name)).path();
    const seconds = (performance.now() - start) / 1000;
    return { dialMs: rounded(dialMs), mibPerSecond: rounded(FILE_MIB / seconds) };
  } finally {
    await profile.destroy();
    await node.destroy();
  }
}

async function clickUntilNamed(page: Page, host: string): Promise<number> {
  const button = page.getByRole('button', { name: 'Use this server' });
  await button.waitFor();
  return button.evaluate(async (element: HTMLElement, text) => {
    const start = performance.now();
    element.click();
    while (!document.body.innerText.includes(text)) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - start;
  }, `On ${host}`);
}

/** In the page's part and in the engine's. */
const MARKS = ['libp2p+webrtc+v2/', 'libp2p-webrtc-noise:'];

/** What is loaded when a node is named by a multiaddr, in page and engine, compressed with brotli. */
export function webrtcClientBytes(): number {
  const folders = ['chunks', 'workers/chunks'].map((it) => join(DIST, '_app/immutable', it));
  const files = folders.flatMap((folder) => readdirSync(folder).map((it) => join(folder, it)));
  const scripts = files.map((file) => readFileSync(file));
  const parts = MARKS.map((mark) => {
    const script = scripts.find((it) => it.includes(mark));
    if (script === undefined) throw new Error(`no script of the site contains ${mark}`);
    return brotliCompressSync(script).length;
  });
  return parts.reduce((sum, bytes) => sum + bytes, 0);
}
