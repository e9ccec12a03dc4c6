/** The addresses under which the service worker answers: what they give, and what they give away. */
import type { IncomingMessage } from 'node:http';
import type { Page } from '@playwright/test';
import { transfersEnd, viewer } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { noise, picture } from './fixture-files.ts';
import { ANNA, open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const NAME = 'postcard from nowhere.png';
/** More than two chunks of 5 MiB, and no round number. */
const CONTENT = Buffer.concat([picture(8, 8, [200, 30, 30]), noise('stream', 11_000_001)]);
const SIZE = CONTENT.length;
const CHUNK = 5 * 1024 * 1024;

/** `Range` header → first and last byte answered; 416 and 200 as statuses. */
const TABLE: readonly (readonly [string | undefined, number, number, number])[] = [
  [undefined, 200, 0, SIZE - 1],
  ['bytes=0-', 206, 0, SIZE - 1],
  ['bytes=0-0', 206, 0, 0],
  ['bytes=-1', 206, SIZE - 1, SIZE - 1],
  ['bytes=-500', 206, SIZE - 500, SIZE - 1],
  [`bytes=-${String(SIZE + 5)}`, 206, 0, SIZE - 1],
  [`bytes=${String(SIZE - 1)}-`, 206, SIZE - 1, SIZE - 1],
  [`bytes=${String(CHUNK - 1)}-${String(CHUNK)}`, 206, CHUNK - 1, CHUNK],
  [`bytes=${String(CHUNK)}-${String(2 * CHUNK + 9)}`, 206, CHUNK, 2 * CHUNK + 9],
  [`bytes=${String(SIZE - 10)}-${String(SIZE * 2)}`, 206, SIZE - 10, SIZE - 1],
  [`bytes=${String(SIZE)}-`, 416, 0, -1],
  ['bytes=99999999999-', 416, 0, -1],
  ['bytes=-0', 416, 0, -1],
  ['bytes=5-2', 200, 0, SIZE - 1],
  ['bytes=0-1,5-6', 200, 0, SIZE - 1],
  ['lines=0-1', 200, 0, SIZE - 1],
  ['bytes=a-b', 200, 0, SIZE - 1],
];

test('every kind of Range gets the bytes it asks for', async ({
  page,
  site,
  fixtureFiles,
  noConsoleErrors,
}) => {
  noConsoleErrors.allow(/status of 416/);
  const url = await streamOf(page, site.root, fixtureFiles.file(NAME, CONTENT));
  for (const [range, status, first, last] of TABLE) {
    await test.step(range ?? 'none', async () => {
      const answer = await ask(page, url, range);
      expect(answer.status).toBe(status);
      expect(answer.headers['accept-ranges']).toBe('bytes');
      const expected = CONTENT.subarray(first, last + 1);
      expect(answer.length).toBe(expected.length);
      const expectedSum = new Uint8Array(
        await crypto.subtle.digest('SHA-256', new Uint8Array(expected)),
      );
      expect(answer.sha256).toEqual([...expectedSum]);
      const whole = String(SIZE);
      if (status === 206) {
        expect(answer.headers['content-range']).toBe(
          `bytes ${String(first)}-${String(last)}/${whole}`,
        );
      }
      if (status === 416) expect(answer.headers['content-range']).toBe(`bytes */${whole}`);
      if (status !== 416) expect(answer.headers['content-length']).toBe(String(expected.length));
    });
  }
});

test('a stream that is given up stops', async ({ page, site, fixtureFiles }) => {
  const url = await streamOf(page, site.root, fixtureFiles.file(NAME, CONTENT));
  const outcome = await page.evaluate(async (address) => {
    for (let round = 0; round < 20; round++) {
      const abort = new AbortController();
      const from = String(round * 400_000);
      const response = await fetch(address, {
        headers: { Range: `bytes=${from}-` },
        signal: abort.signal,
      });
      await response.body?.getReader().read();
      abort.abort();
    }
    const last = await fetch(address, { headers: { Range: 'bytes=0-99' } });
    return (await last.arrayBuffer()).byteLength;
  }, url);
  expect(outcome).toBe(100);
});

test('a stream is gone when its viewer is closed', async ({
  page,
  site,
  fixtureFiles,
  noConsoleErrors,
}) => {
  noConsoleErrors.allow(/status of 410/);
  const url = await streamOf(page, site.root, fixtureFiles.file(NAME, CONTENT));
  await page.keyboard.press('Escape');
  await expect(viewer(page)).toBeHidden();
  // The worker asks every page for the ticket, and waits some seconds for one that is slow.
  const status = async () => (await ask(page, url, 'bytes=0-9')).status;
  await expect.poll(status, { timeout: 60_000 }).toBe(410);
});

test('a tab that was closed holds no question up', async ({
  profile,
  page,
  site,
  noConsoleErrors,
}) => {
  noConsoleErrors.allow(/status of 410/);
  await page.goto(site.root);
  await seesDrive(page);
  const other = await (await profile.context()).newPage();
  await other.goto(site.root);
  await seesDrive(other);
  const asked = () =>
    page.evaluate(async () => {
      const before = performance.now();
      const { status } = await fetch(`_file/${'A'.repeat(22)}`);
      return { status, ms: performance.now() - before };
    });
  expect((await asked()).status).toBe(410);
  await other.close();
  const { status, ms } = await asked();
  expect(status).toBe(410);
  expect(ms).toBeLessThan(3_000);
});

test.describe('what the host of the page can see', () => {
  test('never a name, a key or a capability', async ({
    page,
    site,
    fixtureFiles,
    noConsoleErrors,
  }) => {
    const seen: string[] = [];
    site.onRequest((request: IncomingMessage) => {
      seen.push(`${request.url ?? ''} ${JSON.stringify(request.rawHeaders)}`);
    });
    const url = await streamOf(page, site.root, fixtureFiles.file(NAME, CONTENT));
    expect(new URL(url).pathname).toMatch(/^\/_file\/[A-Za-z0-9_-]{22}$/);
    // A film whose worker has gone asks the host for its address.
    await page.evaluate(async () => {
      for (const it of await navigator.serviceWorker.getRegistrations()) await it.unregister();
    });
    noConsoleErrors.allow(/status of 404.*_file/);
    await page.reload();
    await ask(page, url, undefined);
    const asked = seen.filter((line) => line.includes('/_file/'));
    expect(asked).toHaveLength(1);
    const all = seen.join('\n');
    for (const secret of [NAME, encodeURIComponent(NAME), 'postcard', ANNA.username]) {
      expect(all).not.toContain(secret);
    }
    // No address carries more than the path of a file of the site or of one ticket.
    for (const line of seen) {
      expect(line.split(' ')[0]).toMatch(/^\/([\w.-]+\/)*[\w.-]*$/);
      expect(line).not.toContain('#');
    }
  });
});

/** A drive with one picture, opened in its viewer; the address its bytes come from. */
async function streamOf(page: Page, root: string, path: string): Promise<string> {
  await page.goto(root);
  await seesDrive(page);
  await pickFiles(page, [path]);
  await transfersEnd(page);
  await open(page, NAME);
  const image = viewer(page).getByRole('img', { name: NAME });
  await expect(image).toHaveAttribute('src', /_file/);
  return image.evaluate((it: HTMLImageElement) => it.src);
}

interface Answer {
  readonly status: number;
  readonly length: number;
  readonly headers: Record<string, string>;
  readonly sha256: readonly number[];
}

function ask(page: Page, url: string, range: string | undefined): Promise<Answer> {
  return page.evaluate(
    async ([address, header]) => {
      const headers: Record<string, string> = header === undefined ? {} : { Range: header };
      const response = await fetch(address, { headers });
      const bytes = await response.arrayBuffer();
      const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      return {
        status: response.status,
        length: bytes.byteLength,
        headers: Object.fromEntries(response.headers),
        sha256: [...sum],
      };
    },
    [url, range] as const,
  );
}
