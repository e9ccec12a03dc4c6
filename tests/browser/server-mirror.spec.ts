/** A second server keeps a copy of a drive: it is read there, and goes on there. */
import { inEverySize } from './accessibility-check.ts';
import { LONG, test, expect } from './fixtures.ts';
import { NodeSite } from './node-site.ts';
import { goTo, makeFolder, sees } from './pages/drive-page.ts';
import { ANNA, signIn, signUp, typeInto } from './pages/account-page.ts';
import { Profile } from './profile.ts';

const AMONG_OTHERS = { p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true } as const;

test.use({ nodeOptions: AMONG_OTHERS });

test(
  'a drive whose server is gone is read from its copy, and goes on there',
  LONG,
  async ({ page, node, noConsoleErrors }) => {
    const second = await NodeSite.open({ ...AMONG_OTHERS, pageOrigins: [node.origin] });
    noConsoleErrors.own(second.origin);
    noConsoleErrors.allow(/status of 400|status of 503|ERR_CONNECTION_REFUSED/);
    const profile = new Profile({ prepare: (context) => noConsoleErrors.attach(context) });
    try {
      await page.goto(node.root);
      await signUp(page, ANNA);
      await makeFolder(page, 'kept');
      await goTo(page, 'Settings');
      await page.getByRole('button', { name: 'Set up…' }).click();
      await typeInto(page.getByLabel('Address of the server'), second.origin);
      await page.getByRole('button', { name: 'Use this server' }).click();
      await typeInto(page.getByRole('textbox', { name: 'Password', exact: true }), ANNA.password);
      await page.getByRole('button', { name: 'Keep a copy there' }).click();
      await expect(page.getByText(`${second.host} has a copy, as of`)).toBeVisible();
      await inEverySize(page, 'settings, a copy on another server');
      await page.close();
      await node.stop();

      const other = await profile.page();
      await other.goto(second.root);
      await signIn(other, ANNA);
      await sees(other, ['kept']);
      const banner = other.getByTestId('copy-banner');
      await expect(banner).toContainText('This is a copy.');
      await expect(banner).toContainText('it is as of');
      await inEverySize(other, 'drive, read from a copy');
      await banner.getByRole('button', { name: 'My server is gone…' }).click();
      await inEverySize(other, 'drive, go on with a copy');
      await other.getByRole('button', { name: 'Go on here' }).click();
      await expect(other.getByText(`Your drive is on ${second.host} now.`)).toBeVisible();
      await expect(banner).toBeHidden();
      await makeFolder(other, 'new here');
      await sees(other, ['kept', 'new here']);
    } finally {
      await profile.destroy();
      await second.destroy();
    }
  },
);
