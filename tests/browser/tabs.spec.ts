/** Two tabs of one person at work at once. */
import type { Page } from '@playwright/test';
import { enter, makeFolder, rename, sees, signOut, transfersEnd } from './pages/drive-page.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise, type FixtureFiles } from './fixture-files.ts';
import { pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const EACH = 25;

test(
  'two tabs upload, rename and make folders at once, and nothing is lost',
  LONG,
  async ({ profile, page, site, fixtureFiles }) => {
    const other = await withSecondTab(page, site.root, () => profile.page());
    await makeFolder(page, 'together');
    await sees(other, ['together']);
    await Promise.all([enter(page, 'together'), enter(other, 'together')]);
    const left = filesOf(fixtureFiles, 'left');
    const right = filesOf(fixtureFiles, 'right');
    await Promise.all([
      pickFiles(
        page,
        left.map((name) => fixtureFiles.path(name)),
      ),
      pickFiles(
        other,
        right.map((name) => fixtureFiles.path(name)),
      ),
    ]);
    await Promise.all([transfersEnd(page), transfersEnd(other)]);
    await Promise.all([sees(page, [...left, ...right]), sees(other, [...left, ...right])]);
    await Promise.all([
      renameAll(page, left.slice(0, 4), 'was left'),
      renameAll(other, right.slice(0, 4), 'was right'),
    ]);
    const expected = [
      ...left.slice(4),
      ...right.slice(4),
      ...[0, 1, 2, 3].flatMap((at) => [`was left ${String(at)}`, `was right ${String(at)}`]),
    ];
    await Promise.all([sees(page, expected), sees(other, expected)]);
    await page.reload();
    await sees(page, expected);
  },
);

test('the same file dropped in both tabs is there twice or once, never half', async ({
  profile,
  page,
  site,
  fixtureFiles,
}) => {
  const other = await withSecondTab(page, site.root, () => profile.page());
  const path = fixtureFiles.file('same.bin', noise('same', 7_000_000));
  await Promise.all([pickFiles(page, [path]), pickFiles(other, [path])]);
  await Promise.all([transfersEnd(page), transfersEnd(other)]);
  await sees(page, ['same.bin', 'same (copy).bin']);
  await sees(other, ['same.bin', 'same (copy).bin']);
});

test('signing out in one tab signs out the other', async ({ profile, page, site }) => {
  const other = await withSecondTab(page, site.root, () => profile.page());
  await signOut(page);
  await expect(other.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await other.reload();
  await expect(other.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

async function withSecondTab(page: Page, root: string, newTab: () => Promise<Page>): Promise<Page> {
  await page.goto(root);
  await seesDrive(page);
  const other = await newTab();
  await other.goto(root);
  // High enough for all rows at once: of a long list only those in sight exist.
  for (const tab of [page, other]) await tab.setViewportSize({ width: 1280, height: 3200 });
  await seesDrive(other);
  return other;
}

function filesOf(fixtureFiles: FixtureFiles, side: string): string[] {
  return Array.from({ length: EACH }, (_, at) => {
    const name = `${side} ${String(at)}.txt`;
    fixtureFiles.file(name, `${side} ${String(at)}`);
    return name;
  });
}

async function renameAll(page: Page, names: readonly string[], to: string): Promise<void> {
  for (const [at, name] of names.entries()) await rename(page, name, `${to} ${String(at)}`);
}
