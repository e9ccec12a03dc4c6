/** Every screen is scrolled to its end by wheel, touch and keys; its frame stays where it is. */
import type { CDPSession, Page } from '@playwright/test';
import { closeViewer, goTo, transfersEnd, viewer } from './pages/drive-page.ts';
import { LONG, expect, test } from './fixtures.ts';
import { ANNA, open, pickFiles, signUp } from './pages/account-page.ts';

const SCROLL_KEYS = ['End', 'PageDown', 'Space', 'Tab', 'Tab', 'End'];
const SIZES = [
  { name: 'a phone', width: 390, height: 844, hasTouch: true },
  { name: 'a desktop', width: 1440, height: 900, hasTouch: false },
] as const;

for (const { name, width, height, hasTouch } of SIZES) {
  test.describe(`on ${name}`, () => {
    test.use({ browserOptions: { context: { viewport: { width, height }, hasTouch } } });

    test(
      'no screen moves its frame, however it is scrolled',
      LONG,
      async ({ page, site, fixtureFiles }) => {
        test.setTimeout(180_000);
        await page.goto(site.root);
        await expect(page.getByRole('heading', { name: 'Create your drive' })).toBeVisible();
        await scrollAll(page, hasTouch);
        await seesWholeWidth(page);
        await signUp(page, ANNA);
        await framed(page, hasTouch);
        const files = Array.from({ length: 60 }, (_, at) =>
          fixtureFiles.file(
            `file ${String(at).padStart(2, '0')}.txt`,
            `${'line\n'.repeat(400)}${at}`,
          ),
        );
        await pickFiles(page, files);
        await transfersEnd(page);
        await goTo(page, 'Drive');
        await framed(page, hasTouch);
        await goTo(page, 'Settings');
        await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
        await framed(page, hasTouch);
        await expect(page.getByText('Uses the Peergos protocol.')).toBeInViewport();
        await goTo(page, 'Trash');
        await framed(page, hasTouch);
        await page.getByRole('navigation', { name: 'Main' }).getByText('Transfers').click();
        await framed(page, hasTouch);
        await goTo(page, 'Drive');
        await open(page, 'file 00.txt');
        await expect(viewer(page)).toBeVisible();
        // Space and Tab would be written into the text.
        await framed(page, hasTouch, ['End', 'PageDown']);
        await closeViewer(page);
        await framed(page, hasTouch);
      },
    );
  });
}

/** Scrolls as far as it goes; the corners of the shell and the document are where they were. */
async function framed(page: Page, byTouch: boolean, keys = SCROLL_KEYS): Promise<void> {
  const before = await corners(page);
  await scrollAll(page, byTouch, keys);
  expect(await corners(page)).toEqual(before);
  const document = await page.evaluate(() => {
    const { scrollTop, scrollHeight, clientHeight } = window.document.documentElement;
    return { scrollTop, room: scrollHeight - clientHeight };
  });
  expect(document).toEqual({ scrollTop: 0, room: 0 });
  await seesWholeWidth(page);
}

async function seesWholeWidth(page: Page): Promise<void> {
  const extra = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(extra).toBe(0);
}

/** Where the parts lie that never move, hidden or not; the shell fills the window. */
async function corners(page: Page): Promise<unknown> {
  const found = await page.evaluate(() => {
    const boxOf = (selector: string) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      return box && [box.left, box.top, box.right, box.bottom];
    };
    return { shell: boxOf('.shell'), main: boxOf('#main'), nav: boxOf('nav.bar') };
  });
  const { width, height } = page.viewportSize()!;
  expect(found.shell).toEqual([0, 0, width, height]);
  return found;
}

async function scrollAll(page: Page, byTouch: boolean, keys = SCROLL_KEYS): Promise<void> {
  const { width, height } = page.viewportSize()!;
  for (const share of [0.3, 0.5, 0.85]) {
    await page.mouse.move(width * share, height * 0.6);
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, 2_000);
  }
  if (byTouch) {
    const devtools = await page.context().newCDPSession(page);
    for (let i = 0; i < 3; i++) await swipeUp(devtools, width / 2, height * 0.7);
    await devtools.detach();
  }
  for (const key of keys) await page.keyboard.press(key);
  // What every focus could do, in one breath: each thing that takes it is brought into view.
  await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>('button, input, a, select, [tabindex]');
    for (const one of all) one.scrollIntoView();
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  await page.mouse.move(width * 0.5, height * 0.6);
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, 4_000);
}

async function swipeUp(devtools: CDPSession, x: number, y: number): Promise<void> {
  await devtools.send('Input.synthesizeScrollGesture', { x, y, yDistance: -600, speed: 4_000 });
}
