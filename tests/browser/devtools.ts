/** What a person or the system does to a browser and Playwright has no call for. */
import type { CDPSession, Page } from '@playwright/test';

/** Drops files and folders of this machine on an element, as from a file manager. */
export async function dropPaths(page: Page, selector: string, paths: string[]): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`Nothing to drop on: ${selector}`);
  const devtools = await page.context().newCDPSession(page);
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, ...point, data });
  }
  await devtools.detach();
}

/** Kills the service worker, as the browser does to an idle one or the system to a greedy one. */
export async function stopServiceWorkers(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('ServiceWorker.enable');
  await devtools.send('ServiceWorker.stopAllWorkers');
  await devtools.detach();
}

/**
 * Limits what the site at `origin` may store; `undefined` lifts the limit. Browsers look at a limit
 * only now and then: set it before the site stores anything, or wait half a minute.
 */
export async function limitStorage(
  page: Page,
  origin: string,
  bytes: number | undefined,
): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', {
    origin,
    ...(bytes === undefined ? {} : { quotaSize: bytes }),
  });
  // The limit lasts as long as the session that set it: it stays attached.
  sessions.add(devtools);
}

const sessions = new Set<CDPSession>();
