/**
 * Nothing of an app gets out of its frame: the probe tries every way of a document to send something,
 * and every way to a document with fresh globals. A control shows that the listeners hear.
 */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
  CONTROL_PATHS,
  CONTROL_QUERY,
  CONTROL_REALMS,
  DNS_NAME,
  serveControl,
} from '../apps/leak-probe.ts';
import { listen, type Listeners } from '../apps/listeners.ts';
import { serveAppPages } from '../apps/server.ts';
import { watch } from '../apps/watch.ts';
import { overJson } from '../browsers/driven.ts';
import { LONG } from './fixtures.ts';
import { Profile } from './profile.ts';

/** Every name and address may be looked up; the browser notes what it does in the network. */
const argumentsFor = (netLog: string): string[] => [
  '--host-resolver-rules=',
  `--log-net-log=${netLog}`,
];
const NET_LOG = join(tmpdir(), `pyrgos-net-log-${String(process.pid)}.json`);
let listeners: Listeners;

test.beforeAll(async () => {
  listeners = await listen();
});
test.afterAll(async () => {
  await listeners.close();
  rmSync(NET_LOG, { force: true });
});

test('the listeners hear what an ordinary page sends', async () => {
  const control = await serveControl(listeners);
  const profile = new Profile({ args: argumentsFor(NET_LOG) });
  listeners.forget();
  try {
    const page = await profile.page();
    await page.goto(control.url + CONTROL_QUERY);
    await page.waitForFunction(() => (globalThis as { isThrough?: boolean }).isThrough);
    await expect.poll(() => listeners.heard()).toContain('udp');
    const paths = (): Set<string | undefined> =>
      new Set(listeners.heard().map((each) => each.split(' ')[1]));
    for (const path of Object.values(CONTROL_PATHS).filter((each) => each !== '')) {
      await expect.poll(paths, { message: path }).toContain(path);
    }
    const realms = await page.evaluate(
      () => (globalThis as unknown as { messages: { realm?: string }[] }).messages,
    );
    const names = new Set(realms.map(({ realm }) => realm));
    for (const name of CONTROL_REALMS) {
      expect(names, name).toContain(name);
    }
  } finally {
    await profile.destroy();
    await control.close();
  }
  expect(readFileSync(NET_LOG, 'utf8')).toContain(DNS_NAME);
});

const WAYS = [
  { which: 'with all headers' },
  { which: 'at an origin of its own', hasOwnOrigin: true },
  // Apps are refused where the allowlist is unknown.
  { which: 'without the allowlist of connections', withoutAllowlist: true },
];
for (const { which, withoutAllowlist = false, hasOwnOrigin = false } of WAYS) {
  const details = withoutAllowlist ? LONG : {};
  test(`nothing of an app gets out, ${which}`, details, async () => {
    const server = await serveAppPages();
    const profile = new Profile({ args: argumentsFor(NET_LOG) });
    try {
      const page = await profile.page();
      await page.goto(server.origin);
      await page.evaluate((options) => harness.start(options), { withoutAllowlist });
      const frame = page.frameLocator('iframe');
      const leaks = await watch({
        run: async (work, ...args) => {
          const call = `(${overJson(work)})(${JSON.stringify(JSON.stringify(args))})`;
          return JSON.parse(await page.evaluate<string>(call)) as never;
        },
        listeners,
        server,
        hasOwnOrigin,
        act: async () => {
          await frame.locator('#gesture').click();
          await frame.locator('#editor').click();
          await page.keyboard.press('Control+A');
          await page.keyboard.press('Control+C');
          await page.keyboard.press('Control+V');
          await frame.locator('#source').dragTo(frame.locator('#editor'));
        },
      });
      expect(leaks.heard).toEqual([]);
      // Without the allowlist Chromium connects to the host of a navigation before the page's policy
      // stops it. Nothing is asked there, and the app has ended itself; but a host was named.
      const asked = leaks.heardAtEnd.filter((each) => !withoutAllowlist || each !== 'connection');
      expect(asked).toEqual([]);
      expect(leaks.realms).toEqual([]);
      expect(Object.keys(leaks.outcomes).length).toBeGreaterThan(100);
      expect(page.context().pages()).toHaveLength(1);
    } finally {
      await profile.destroy();
      await server.close();
    }
    expect(readFileSync(NET_LOG, 'utf8')).not.toContain(DNS_NAME);
  });
}
