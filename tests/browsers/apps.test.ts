/**
 * Apps of others in Firefox: one that asks for its files in every way, and the probe of what gets
 * out. Firefox has no allowlist of connections, so policy and loader are all there is. Slow: it runs
 * with `LONG_TESTS=1 npm run test:browsers`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLongRun } from '#lib/bytes/testing.ts';
import { texts } from '../apps/app-files.ts';
import { CONTROL_PATHS, CONTROL_QUERY, DEPARTURES, serveControl } from '../apps/leak-probe.ts';
import { listen, type Listeners } from '../apps/listeners.ts';
import { EXPECTED, ORDER, ownApp } from '../apps/own-app.ts';
import { serveAppPages, type AppServer } from '../apps/server.ts';
import { watch } from '../apps/watch.ts';
import { until, type DrivenBrowser, type DrivenEngine, type Tab } from './driven.ts';
import { firefox } from './firefox.ts';

const PROGRAM = process.env['PYRGOS_FIREFOX'];
const CONTROL = '\uE009';

describe.skipIf(PROGRAM === undefined || !isLongRun)('apps in Firefox', () => {
  let server: AppServer;
  let listeners: Listeners;
  let engine: DrivenEngine;
  let browser: DrivenBrowser;
  let tab: Tab;

  beforeAll(async () => {
    [server, listeners] = await Promise.all([serveAppPages(), listen()]);
    engine = firefox(PROGRAM ?? '');
    browser = await engine.start();
    tab = await browser.newTab();
    await tab.goto(server.origin);
    await tab.run(() => harness.start({}));
  });
  afterAll(async () => {
    await browser?.quit();
    engine?.remove();
    await Promise.all([server?.close(), listeners?.close()]);
  });

  test('an app finds its files in every way that apps ask for them', async () => {
    await tab.run(
      (assets) =>
        harness.open({
          assets,
          query: '?theme=dark&isPathWritable=true',
          theme: 'dark',
          storage: '{"kept":"before"}',
        }),
      ownApp(),
    );
    const json = await until('the results of the app', () =>
      tab.run(() => harness.seen().data['results.json']),
    );
    const { order, ...results } = JSON.parse(json) as Record<string, unknown>;
    expect(results).toEqual(EXPECTED);
    expect(order).toEqual(ORDER);
  });

  test('nothing of an app gets out', async () => {
    const { heard, heardAtEnd, realms, outcomes } = await watch({
      run: (work, ...args) => tab.run(work, ...args),
      listeners,
      server,
      act: () => carry(tab),
    });
    expect(heard).toEqual([]);
    expect(heardAtEnd).toEqual([]);
    expect(realms).toEqual([]);
    expect(Object.keys(outcomes).length).toBeGreaterThan(100);
    expect(DEPARTURES.length).toBeGreaterThan(10);
  });

  test('the listeners hear what an ordinary page sends', async () => {
    const control = await serveControl(listeners);
    listeners.forget();
    await tab.goto(control.url + CONTROL_QUERY);
    await until('STUN', async () => listeners.heard().includes('udp'));
    const paths = () => new Set(listeners.heard().map((each) => each.split(' ')[1]));
    for (const path of Object.values(CONTROL_PATHS).filter((each) => each !== '')) {
      await until(path, async () => paths().has(path));
    }
    await control.close();
  });

  test('an app that fails says so', async () => {
    await tab.goto(server.origin);
    await tab.run(() => harness.start({}));
    const html = '<script>throw new TypeError("mine")</script>';
    await tab.run((assets) => harness.open({ assets }), texts({ 'index.html': html }));
    await until('a note', () =>
      tab.run(() => harness.seen().notes.some((note) => note.includes('mine'))),
    );
  });
});

/**
 * Clicks, copies and pastes in the frame, as a person does; the frame lies at the page's corner.
 * Firefox begins a drag for its driver and never goes on with it, so drops are tried in Chromium only.
 */
async function carry(tab: Tab): Promise<void> {
  const click = async (x: number, y: number): Promise<void> =>
    tab.act([
      {
        type: 'pointer',
        id: 'mouse',
        parameters: { pointerType: 'mouse' },
        actions: [
          { type: 'pointerMove', x, y },
          { type: 'pointerDown', button: 0 },
          { type: 'pointerUp', button: 0 },
        ],
      },
    ]);
  await click(40, 26);
  await click(150, 90);
  for (const key of ['a', 'c', 'v']) {
    const actions = [
      { type: 'keyDown', value: CONTROL },
      { type: 'keyDown', value: key },
      { type: 'keyUp', value: key },
      { type: 'keyUp', value: CONTROL },
    ];
    await tab.act([{ type: 'key', id: 'keys', actions }]);
  }
}
