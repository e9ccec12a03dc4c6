/**
 * The browsers that the site names are those it runs in: no API in the built files is newer than
 * the oldest of them (by MDN's compatibility data), unless the app does without it where it is
 * missing; and an older browser is told so.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompatStatement, Identifier } from '@mdn/browser-compat-data';
import { ROOT } from '../../scripts/build.ts';
import { SUPPORTED_BROWSERS } from '../../src/supported-browsers.ts';
import { expect, test } from './fixtures.ts';
import { SITE_FOLDER } from './site.ts';

/** Used where they are, and done without where they are not. */
const DONE_WITHOUT = new Map([
  ['Error.captureStackTrace', 'traces of a library; asked for before it is called'],
  ['CSS.highlights', 'comments of docx-preview; it looks for `Highlight` before'],
  ['ImageDecoder.isTypeSupported', 'the PDF viewer; asked for before it is called'],
  ['JSON.isRawJSON', 'polyfills of pdf.js; asked for before it is called'],
  ['JSON.rawJSON', 'the same'],
  ['Math.sumPrecise', 'pdf.js, which makes it where it is missing'],
  ['Promise.try', 'the same'],
  ['RegExp.escape', 'the same'],
  ['URL.parse', 'the same'],
  ['Symbol.asyncDispose', 'compiled `using`, which then takes a symbol of its own'],
  ['Symbol.dispose', 'mediabunny makes it where it is missing'],
  ['Uint8Array.fromBase64', 'SvelteKit; asked for before it is called'],
  ['Uint8Array.fromHex', 'noble; asked for before it is called'],
  ['AudioDecoder.isConfigSupported', 'mediabunny; asked for before it is called'],
  ['VideoDecoder.isConfigSupported', 'mediabunny; a film has no thumbnail without it'],
]);

/** What the app needs everywhere; the check at the start asks for the newest of them. */
const NEEDED = [
  ['javascript', 'builtins', 'Promise', 'withResolvers'],
  ['javascript', 'builtins', 'ArrayBuffer', 'transfer'],
  ['javascript', 'builtins', 'Array', 'toSorted'],
  ['javascript', 'builtins', 'String', 'toWellFormed'],
  ['api', 'AbortSignal', 'any_static'],
  ['api', 'AbortSignal', 'timeout_static'],
  ['api', 'IDBFactory', 'databases'],
  ['api', 'reportError'],
  ['api', 'OffscreenCanvas'],
  ['api', 'LockManager'],
  ['css', 'types', 'color', 'light-dark'],
  ['css', 'selectors', 'nesting'],
] as const;

const data = JSON.parse(
  readFileSync(join(ROOT, 'node_modules', '@mdn', 'browser-compat-data', 'data.json'), 'utf8'),
) as Identifier;

test('every supported browser has the APIs that the app needs', () => {
  const missing = NEEDED.map((path) => {
    const found = path.reduce<Identifier | undefined>((node, name) => node?.[name], data);
    expect(found, path.join('.')).toBeDefined();
    return [path.join('.'), ...tooNewFor(found?.__compat)];
  }).filter(({ length }) => length > 1);
  expect(missing).toEqual([]);
});

test('nothing in the built files is newer than the browsers it names', () => {
  const text = readdirSync(SITE_FOLDER, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.js'))
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
    .join('\n');
  const statics = new Set(text.match(/\b[A-Z]\w+\.[a-z]\w+/g));
  expect(statics.has('Promise.withResolvers'), 'names are not mangled').toBe(true);
  const tooNew: string[] = [];
  const builtins = data['javascript']?.['builtins'] ?? {};
  for (const [owner, members] of [
    ...Object.entries(builtins),
    ...Object.entries(data['api'] ?? {}),
  ]) {
    for (const [key, member] of Object.entries(members as Identifier)) {
      const name = `${owner}.${key.replace(/_static$/, '')}`;
      if (!statics.has(name) || DONE_WITHOUT.has(name)) continue;
      if (tooNewFor((member as Identifier).__compat).length > 0) tooNew.push(name);
    }
  }
  expect(tooNew).toEqual([]);
});

test('an older browser says which ones will do, and starts nothing', async ({
  page,
  site,
  noConsoleErrors,
}) => {
  noConsoleErrors.allow(/withResolvers/);
  await page.addInitScript(() => {
    delete (Promise as { withResolvers?: unknown }).withResolvers;
  });
  await page.goto(site.root);
  const { chrome, firefox, safari } = SUPPORTED_BROWSERS;
  const sentence = page.getByText(`Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari}`);
  await expect(sentence).toBeVisible();
  const box = await sentence.boundingBox();
  expect(box).toMatchObject({ x: 0, y: 0, ...page.viewportSize() });
  expect(page.workers()).toEqual([]);
});

test('a browser that will do is told nothing', async ({ page, site }) => {
  await page.goto(site.root);
  await expect(page.getByRole('heading', { name: 'Create your drive' })).toBeVisible();
  await expect(page.locator('.browser-too-old')).toBeHidden();
});

test('the README names the same browsers', () => {
  const { chrome, firefox, safari } = SUPPORTED_BROWSERS;
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  expect(readme).toContain(`Chrome and Edge ${chrome}, Firefox ${firefox} and Safari ${safari}`);
});

/** The named browsers that come before this. */
function tooNewFor(compat: CompatStatement | undefined): string[] {
  return Object.entries(SUPPORTED_BROWSERS).flatMap(([browser, oldest]) => {
    const support = compat?.support[browser as keyof typeof SUPPORTED_BROWSERS];
    const since = [support ?? []].flat().map((one) => {
      // Behind a flag, or under another name: not there.
      if (one.flags !== undefined || one.prefix !== undefined) return Infinity;
      return one.version_added === false
        ? Infinity
        : parseFloat(one.version_added.replace('≤', ''));
    });
    return Math.min(...since) > Number(oldest) ? [browser] : [];
  });
}
