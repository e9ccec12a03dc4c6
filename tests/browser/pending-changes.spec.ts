/** Work goes on while the server is away; pending changes are kept in the browser and sent later. */
import {
  act,
  enter,
  goUp,
  makeFolder,
  rename,
  sees,
  signOut,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { Profile } from './profile.ts';
import { ANNA, open, pickFiles, signIn, signUp } from './pages/account-page.ts';

const PENDING = /(?<!Sending )\b\d+ pending changes?/;
const PENDING_OR_SENDING = /\d+ pending changes?/;
const SENT = 'Your changes were sent to the server.';
const SOON_MS = 60_000;
const [DESK] = SIZES;

test.beforeEach(({ noConsoleErrors }) => {
  test.setTimeout(180_000);
  noConsoleErrors.allow(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
});

test('changes made without the server are shown, survive a reload and are sent later', async ({
  page,
  node,
  fixtureFiles,
}) => {
  await page.goto(node.root);
  await signUp(page, ANNA);
  const long = fixtureFiles.file('long.txt', 'Long words. '.repeat(2_000));
  await pickFiles(page, [fixtureFiles.file('old.txt', 'Old words.'), long]);
  await transfersEnd(page);
  await sees(page, ['long.txt', 'old.txt']);

  await node.stop();
  await makeFolder(page, 'made away');
  await expect(page.getByText(PENDING)).toBeVisible({ timeout: 10_000 });
  await enter(page, 'made away');
  await pickFiles(page, [fixtureFiles.file('words.txt', 'Written away.')]);
  await transfersEnd(page);
  await goUp(page, 'Home');
  await rename(page, 'old.txt', 'renamed.txt');
  await sees(page, ['long.txt', 'made away', 'renamed.txt']);
  await page.reload();
  await sees(page, ['long.txt', 'made away', 'renamed.txt']);
  await enter(page, 'made away');
  await sees(page, ['words.txt']);
  await expect(page.getByText(PENDING)).toBeVisible();
  await inEverySize(page, 'offline-pending');
  await page.setViewportSize(DESK);
  await goUp(page, 'Home');
  await open(page, 'long.txt');
  await expect(viewer(page)).toBeVisible();
  await inEverySize(page, 'offline-unreadable');
  await page.setViewportSize(DESK);
  await viewer(page).getByRole('button', { name: 'Close' }).click();

  await node.restart();
  await expect(page.getByText(SENT)).toBeVisible({ timeout: SOON_MS });
  await expect(page.getByText(`${node.host} cannot be reached.`)).toBeHidden();
  const elsewhere = new Profile();
  const other = await elsewhere.page();
  await other.goto(node.root);
  await signIn(other, ANNA);
  await sees(other, ['long.txt', 'made away', 'renamed.txt']);
  await enter(other, 'made away');
  await sees(other, ['words.txt']);
  await elsewhere.destroy();
});

test(
  'signing out shows how many changes would be lost, and discarded changes are gone',
  LONG,
  async ({ page, node }) => {
    await page.goto(node.root);
    await signUp(page, ANNA);
    await makeFolder(page, 'before');
    await node.stop();
    await makeFolder(page, 'away');
    await expect(page.getByText(PENDING)).toBeVisible();
    const ask = async () => {
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await expect(page.getByRole('dialog', { name: /would be lost/ })).toBeVisible();
    };
    await ask();
    await inEverySize(page, 'offline-sign-out');
    await page.getByRole('button', { name: 'Keep my changes' }).click();
    await sees(page, ['before', 'away']);
    await ask();
    await page.getByRole('button', { name: 'Sign out anyway' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
    await node.restart();
    await page.goto(node.root);
    await signIn(page, ANNA);
    await sees(page, ['before']);
    await signOut(page);
  },
);

test(
  'the browser is closed with a queue, opened without the server, and sends it later',
  LONG,
  async ({ profile, page, node, fixtureFiles }) => {
    await page.goto(node.root);
    await signUp(page, ANNA);
    await makeFolder(page, 'before');
    await sees(page, ['before']);
    await node.stop();
    await pickFiles(page, [fixtureFiles.file('large.bin', noise('large', 20_000_000))]);
    await transfersEnd(page);
    await sees(page, ['before', 'large.bin']);
    const again = await profile.restart();
    await again.goto(node.root);
    await sees(again, ['before', 'large.bin']);
    await expect(again.getByText(PENDING)).toBeVisible();
    const second = await (await profile.context()).newPage();
    await second.goto(node.root);
    await sees(second, ['before', 'large.bin']);
    await makeFolder(second, 'from the other tab');
    await sees(again, ['before', 'from the other tab', 'large.bin']);
    await makeFolder(again, 'from this tab');
    await sees(second, ['before', 'from the other tab', 'from this tab', 'large.bin']);
    await node.restart();
    for (const tab of [again, second]) {
      await expect(tab.getByText(PENDING_OR_SENDING)).toBeHidden({ timeout: SOON_MS });
    }
    const elsewhere = new Profile();
    const other = await elsewhere.page();
    await other.goto(node.root);
    await signIn(other, ANNA);
    await sees(other, ['before', 'from the other tab', 'from this tab', 'large.bin']);
    await elsewhere.destroy();
  },
);

test.describe('on a small server', () => {
  test.use({ nodeOptions: { quotaBytes: 2_000_000 } });

  test(
    'a change the server refuses is named, and kept or discarded',
    LONG,
    async ({ page, node, fixtureFiles }) => {
      await page.goto(node.root);
      await signUp(page, ANNA);
      await makeFolder(page, 'before');
      await node.stop();
      await pickFiles(page, [fixtureFiles.file('large.bin', noise('large', 4_000_000))]);
      await transfersEnd(page);
      await makeFolder(page, 'small');
      await sees(page, ['before', 'large.bin', 'small']);
      await node.restart();
      const named = page.getByText(`${node.host} did not take large.bin.`);
      await expect(named).toBeVisible({ timeout: SOON_MS });
      await inEverySize(page, 'offline-refused');
      await page.getByRole('button', { name: 'Try again' }).click();
      await expect(named).toBeVisible({ timeout: SOON_MS });
      await page.getByRole('button', { name: 'Discard …' }).click();
      await inEverySize(page, 'offline-discarding');
      await page.getByRole('button', { name: 'Discard', exact: true }).click();
      await expect(named).toBeHidden();
      await sees(page, ['before', 'small']);
    },
  );
});

test(
  'the report of changes made in two places stays until it is closed',
  LONG,
  async ({ page, node, fixtureFiles }) => {
    await page.goto(node.root);
    await signUp(page, ANNA);
    await pickFiles(page, [
      fixtureFiles.file('both.txt', 'Begun.'),
      fixtureFiles.file('kept.txt', 'Kept.'),
    ]);
    await transfersEnd(page);
    await sees(page, ['both.txt', 'kept.txt']);
    const elsewhere = new Profile();
    const other = await elsewhere.page();
    await other.goto(node.root);
    await signIn(other, ANNA);
    await sees(other, ['both.txt', 'kept.txt']);
    await node.stop();
    await pickFiles(page, [fixtureFiles.file('both.txt', 'Written here.')]);
    await page.getByRole('button', { name: 'Replace' }).click();
    await transfersEnd(page);
    await rename(page, 'kept.txt', 'renamed.txt');
    await expect(page.getByText(PENDING)).toBeVisible();
    await (await elsewhere.context()).setOffline(false);
    await page.context().setOffline(true);
    await node.restart();
    // So that it asks the server at once: it may not have noticed yet that it is back.
    await other.reload();
    await sees(other, ['both.txt', 'kept.txt']);
    await pickFiles(other, [fixtureFiles.file('both.txt', 'Written there.')]);
    await other.getByRole('button', { name: 'Replace' }).click();
    await transfersEnd(other);
    await act(other, 'kept.txt', 'Move to trash');
    await sees(other, ['both.txt']);
    await expect(other.getByText('1 item moved to the trash.')).toBeVisible();
    await expect(other.getByText(PENDING_OR_SENDING)).toBeHidden({ timeout: SOON_MS });
    await page.context().setOffline(false);
    await expect(page.getByText(/both versions are there: both \(copy\)\.txt/)).toBeVisible({
      timeout: SOON_MS,
    });
    await expect(page.getByText(/so still there: renamed\.txt/)).toBeVisible();
    await inEverySize(page, 'offline-both');
    await sees(page, ['both.txt', 'both (copy).txt', 'renamed.txt']);
    await page.getByRole('button', { name: 'OK' }).click();
    await expect(page.getByText(SENT)).toBeHidden();
    await elsewhere.destroy();
  },
);
