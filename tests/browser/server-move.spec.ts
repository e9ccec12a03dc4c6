/** A drive moves from one server to another, and the two servers do it between themselves. */
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { inEverySize } from './accessibility-check.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { NodeSite } from './node-site.ts';
import { download, goTo, sees, transfersEnd } from './pages/drive-page.ts';
import { ANNA, pickFiles, seesDrive, signUp, typeInto } from './pages/account-page.ts';

const BYTES = noise('parcel', 6_000_000);
const AMONG_OTHERS = { p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true } as const;
const STEP = '**/pyrgos/v0/migrate';

test.use({ nodeOptions: AMONG_OTHERS });

/** How far a move is, as the new server says it (`node-http/wire/extensions.ts`). */
const stepOf = (phase: string, done: number, blocks: number): Buffer =>
  Buffer.from(
    encodeCbor(
      cborMap([
        ['p', phase],
        ['d', done],
        ['n', blocks],
        ['t', 6_400_000],
      ]),
    ),
  );

test(
  'a drive moves between two servers, which do it between themselves',
  LONG,
  async ({ page, node, noConsoleErrors, fixtureFiles }) => {
    const next = await NodeSite.open({ ...AMONG_OTHERS, pageOrigins: [node.origin] });
    noConsoleErrors.own(next.origin);
    try {
      await page.goto(node.root);
      await signUp(page, ANNA);
      await pickFiles(page, [fixtureFiles.file('parcel.bin', BYTES)]);
      await transfersEnd(page);
      // Without the panel of transfers, which would lie over what is looked at.
      await page.reload();
      await seesDrive(page);
      await goTo(page, 'Settings');
      await page.getByRole('button', { name: 'Move…' }).click();
      await typeInto(page.getByLabel('Address of the server'), next.origin);
      await page.getByRole('button', { name: 'Use this server' }).click();
      await expect(page.getByText(`On ${next.host}`)).toBeVisible();
      await typeInto(page.getByRole('textbox', { name: 'Password', exact: true }), ANNA.password);
      let told = stepOf('copying', 2_400_000, 31);
      await page.context().route(STEP, (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({
              body: told,
              headers: { 'access-control-allow-origin': node.origin },
            })
          : route.fallback(),
      );
      await page.getByRole('button', { name: 'Move the drive' }).click();
      await test.step('how far it is can be seen', async () => {
        const figures = page.getByTestId('move-figures');
        await expect(figures).toContainText('2.4 MB of about 6.4 MB · 31 blocks');
        await expect(figures).toContainText('The two servers do it between themselves.');
        await figures.scrollIntoViewIfNeeded();
        await inEverySize(page, 'move between servers');
        told = stepOf('waiting', 2_400_000, 31);
        await expect(figures).toContainText('does not answer at the moment');
        await inEverySize(page, 'move between servers, waiting');
      });
      await page.context().unroute(STEP);
      await expect(page.getByText(`Your drive is on ${next.host} now.`)).toBeVisible();
      await goTo(page, 'Drive');
      await sees(page, ['parcel.bin']);
      expect((await download(page, 'parcel.bin')).equals(BYTES)).toBe(true);
      await node.restart(AMONG_OTHERS);
      await page.reload();
      await seesDrive(page);
      await sees(page, ['parcel.bin']);
    } finally {
      await next.destroy();
    }
  },
);
