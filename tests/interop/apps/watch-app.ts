/** What a running app shows and says, until it is calm. */
import type { Frame, Page } from '@playwright/test';

const START_MS = 20_000;
/** What fails in an app mostly fails at once. */
const CALM_MS = 2_500;
const LOOK_MS = 250;

export interface Seen {
  /** Something of the app is on screen. */
  readonly isStarted: boolean;
  /** Requests that the engine refused, and why. */
  readonly refused: readonly string[];
}

/** Watches the app that is being started in the tab. */
export async function watchApp(page: Page): Promise<Seen> {
  const runner = page.getByRole('dialog', { name: /^App: / });
  await runner.waitFor();
  await runner.getByRole('button', { name: 'For developers' }).click();
  const end = Date.now() + START_MS;
  let isStarted = false;
  while (!isStarted && Date.now() < end) {
    await page.waitForTimeout(LOOK_MS);
    isStarted = (await shownIn(page)) > 0;
  }
  await page.waitForTimeout(CALM_MS);
  // An app may take away again what it began with.
  isStarted &&= (await shownIn(page)) > 0;
  const notes = runner.getByRole('list', { name: /./ }).locator('li.refused code');
  return { isStarted, refused: [...new Set(await notes.allTextContents())] };
}

/** How many elements are in sight in the app's frame. */
async function shownIn(page: Page): Promise<number> {
  const frame = page.frames().find((one) => one.parentFrame() === page.mainFrame());
  if (frame === undefined) return 0;
  return Promise.race([countShown(frame), page.waitForTimeout(5_000).then(() => 0)]);
}

async function countShown(frame: Frame): Promise<number> {
  try {
    return await frame.evaluate(() => {
      if (document.readyState !== 'complete') return 0;
      const hasText = (element: Element): boolean =>
        [...element.childNodes].some(
          (node) => node.nodeType === 3 && node.nodeValue?.trim() !== '',
        );
      const isPicture = (element: Element): boolean =>
        /^(?:canvas|img|svg|video|audio|input|textarea|button)$/i.test(element.localName);
      return [...document.body.querySelectorAll('*'), document.body].filter((element) => {
        if (['script', 'style', 'noscript', 'template'].includes(element.localName)) return false;
        return (
          (hasText(element) || isPicture(element)) &&
          element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
          element.getBoundingClientRect().width > 0
        );
      }).length;
    });
  } catch {
    return 0; // between two documents
  }
}
