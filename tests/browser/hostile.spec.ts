/** Names and files made to do harm: they stay names and files. */
import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import {
  act,
  closeViewer,
  download,
  enter,
  lookAs,
  makeFolder,
  sees,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { entry, open, pickFiles, seesDrive, typeInto } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const LONGEST = 'ä'.repeat(255);
/** What the person types → what the screen shows of it. */
const FINE: readonly (readonly [string, string])[] = [
  ['constructor', 'constructor'],
  ['__proto__', '__proto__'],
  ['toString', 'toString'],
  ['hasOwnProperty', 'hasOwnProperty'],
  ['👩🏽‍🚀 moon.txt', '👩🏽‍🚀 moon.txt'],
  ['مرحبا.txt', 'مرحبا.txt'],
  ['invoice\u202Efdp.exe', 'invoice⟨202E⟩fdp.exe'],
  ['<img src=x onerror="globalThis.harm=1">', '<img src=x onerror="globalThis.harm=1">'],
  ['back\\slash', 'back\\slash'],
  [' spaces ', ' spaces '],
  ['null', 'null'],
  [LONGEST, LONGEST],
];

test('strange names are only names, and bad ones are refused in a sentence', async ({
  page,
  site,
}) => {
  await page.goto(site.root);
  await page.setViewportSize({ width: 1280, height: 1600 });
  await seesDrive(page);
  for (const [name] of FINE) await makeFolder(page, name);
  await sees(
    page,
    FINE.map(([, shown]) => shown),
  );
  for (const [name, reason] of [
    ['a/b', /cannot contain “\/”/],
    ['.', /cannot be used/],
    ['..', /cannot be used/],
    ['tab\tin it', /control characters/],
    ['escape\u001b[31m', /control characters/],
    ['delete\u007f', /control characters/],
    ['constructor', /already exists/],
  ] as const) {
    await test.step(JSON.stringify(name), () => isRefused(page, name, reason));
  }
  await page.reload();
  await sees(
    page,
    FINE.map(([, shown]) => shown),
  );
  for (const name of ['constructor', '__proto__']) {
    await enter(page, name);
    await expect(page.getByText('This folder is empty')).toBeVisible();
    await page.goBack();
  }
  expect(await page.evaluate(() => 'harm' in globalThis)).toBe(false);
});

test('256 units are one too many', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New folder' }).click();
  const field = page.getByRole('dialog').getByRole('textbox');
  // A field that stops at 255 keeps a person from it; a program is stopped by the drive.
  await field.evaluate((input: HTMLInputElement) => {
    input.removeAttribute('maxlength');
  });
  await field.fill('n'.repeat(256));
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText(/cannot be longer than 255/)).toBeVisible();
});

test('a file that changes while it is read fails by name, and alone', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  const { path } = await fixtureFiles.largeFile('restless.bin', 200_000_000);
  const calm = fixtureFiles.file('calm.txt', 'calm');
  await pickFiles(page, [path, calm]);
  await expect(page.getByRole('button', { name: /^Pause/ }).first()).toBeVisible();
  writeFileSync(path, 'something else altogether');
  await expect(page.getByText(/changed while it was being read/).first()).toBeVisible({
    timeout: 60_000,
  });
  await sees(page, ['calm.txt']);
  expect((await download(page, 'calm.txt')).toString()).toBe('calm');
  await page.reload();
  await sees(page, ['calm.txt']);
});

const SCRIPT = 'try{top.harm=1}catch{};try{parent.harm=1}catch{};globalThis.harm=1';
const HARMFUL: Readonly<Record<string, string>> = {
  'page.html': `<!doctype html><script>${SCRIPT}</script><img src=x onerror="${SCRIPT}">`,
  'picture.svg': `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${SCRIPT}"><script>${SCRIPT}</script></svg>`,
  'program.js': SCRIPT,
  'module.mjs': SCRIPT,
  'sheet.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><script>${SCRIPT}</script></html>`,
  'sheet.xml': `<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${SCRIPT}</h:script></x>`,
  'photo.jpg': `<html><script>${SCRIPT}</script></html>`,
  'style.css': `body{display:none}`,
};

test('nothing stored here runs in the page, in no viewer and by no address', async ({
  page,
  site,
  fixtureFiles,
  noConsoleErrors,
}) => {
  // Each try to run one of them is refused, which the browser reports. A file shown as a page of its
  // own has no icon, for which the browser then asks the host.
  noConsoleErrors.allow(
    /_file\/|policy:|Content Security policy|Content Security Policy|TrustedScriptURL|blob:|\/favicon\.ico/,
  );
  await page.goto(site.root);
  await seesDrive(page);
  const names = Object.keys(HARMFUL);
  await pickFiles(
    page,
    names.map((name) => fixtureFiles.file(name, HARMFUL[name] ?? '')),
  );
  await transfersEnd(page);
  const addresses = collectStreams(page);
  for (const name of names) {
    await test.step(name, async () => {
      await open(page, name);
      if (name === 'page.html') await fromPageToText(page);
      await expect(viewer(page)).toBeVisible();
      await seesContent(page);
      for (const look of ['Image', 'Video', 'Text'] as const) {
        await lookAs(page, look);
        await seesContent(page);
      }
      await lookAs(page, 'Bytes');
      await expect(viewer(page).getByRole('document', { name: 'Bytes of the file' })).toBeVisible();
      await closeViewer(page);
    });
  }
  await open(page, 'picture.svg');
  await seesContent(page);
  await runEveryWay(page, [...addresses].at(-1) ?? '');
  expect(await page.evaluate(() => 'harm' in globalThis)).toBe(false);
});

/** A web page of the drive is shown in a frame of the kind that apps get; its text is one step away. */
async function fromPageToText(page: Page): Promise<void> {
  const shown = page.getByRole('dialog', { name: 'App: page.html' });
  await expect(shown.frameLocator('iframe').locator('img')).toBeAttached();
  expect(await page.evaluate(() => 'harm' in globalThis)).toBe(false);
  await shown.getByRole('button', { name: 'Edit as text' }).click();
}

async function seesContent(page: Page): Promise<void> {
  const content = viewer(page).locator('.stage :is(img, video, iframe, [role=document], button)');
  await expect(content.first()).toBeVisible();
}

/** Addresses of files asked for by the page, the latest last. */
function collectStreams(page: Page): ReadonlySet<string> {
  const found = new Set<string>();
  page.on('request', (request) => {
    if (request.url().includes('/_file/')) found.add(request.url());
  });
  return found;
}

/** Asks for a file in every way that could run it. */
async function runEveryWay(page: Page, address: string): Promise<void> {
  expect(address).toContain('/_file/');
  await page.evaluate(async (url) => {
    const tried: Promise<unknown>[] = [];
    const add = (element: HTMLElement): void => {
      tried.push(
        new Promise((resolve) => {
          element.onload = element.onerror = resolve;
          setTimeout(resolve, 1_500);
        }),
      );
      document.body.append(element);
    };
    const policy = (globalThis as unknown as { trustedTypes?: TrustedTypes }).trustedTypes;
    interface TrustedTypes {
      createPolicy(name: string, rules: object): { createScriptURL(url: string): string };
    }
    try {
      const script = document.createElement('script');
      script.src =
        policy?.createPolicy('x', { createScriptURL: (it: string) => it }).createScriptURL(url) ??
        url;
      add(script);
    } catch {
      // The page may not even name it.
    }
    for (const name of ['iframe', 'embed'] as const) {
      const element = document.createElement(name);
      try {
        element.src = url;
        add(element);
      } catch {
        // As above.
      }
    }
    tried.push(import(/* @vite-ignore */ url).catch(() => undefined));
    await Promise.all(tried);
  }, address);
  const context = page.context();
  const tab = await context.newPage();
  await tab.goto(address).catch(() => undefined);
  expect(await tab.evaluate(() => 'harm' in globalThis)).toBe(false);
  await tab.close();
}

async function isRefused(page: Page, name: string, reason: RegExp): Promise<void> {
  await act(page, 'toString', 'Rename');
  const dialog = page.getByRole('dialog');
  await typeInto(dialog.getByRole('textbox'), name);
  await dialog.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(dialog.getByText(reason)).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(entry(page, 'toString')).toBeVisible();
}
