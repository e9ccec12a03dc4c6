/** The built folder works wherever it lies. */
import { expect, test } from './fixtures.ts';
import { ANNA, signUp } from './pages/account-page.ts';
import type { Site } from './site.ts';

interface Manifest {
  readonly start_url: string;
  readonly scope: string;
  readonly icons: readonly { src: string; sizes: string; purpose?: string }[];
}

const PLACES = [
  ['at a root', (site: Site) => site.root],
  ['under a prefix', (site: Site) => site.underPrefix],
  ['on a path gateway', (site: Site) => site.onPathGateway],
  ['on a subdomain gateway', (site: Site) => site.onSubdomainGateway],
] as const;

for (const [where, addressOf] of PLACES) {
  test(`the page opens ${where}`, async ({ page, site, noConsoleErrors }) => {
    // There the worker's script is refused, which the browser reports.
    if (addressOf(site) === site.onPathGateway) {
      noConsoleErrors.allow(/service-worker\.js|bad HTTP response code/);
    }
    await page.goto(addressOf(site));
    await expect(page).toHaveTitle(/Pyrgos/);
    await expect(page.getByRole('heading').first()).toBeVisible();
  });
}

for (const [where, addressOf] of PLACES.slice(0, 2)) {
  test(`the app can be installed ${where}`, async ({ page, site }) => {
    await page.goto(addressOf(site));
    const devtools = await page.context().newCDPSession(page);
    const { url, data = '', errors } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const manifest = JSON.parse(data) as Manifest;
    expect(new URL(manifest.start_url, url).href).toBe(addressOf(site));
    expect(new URL(manifest.scope, url).href).toBe(addressOf(site));
    for (const { src, sizes } of manifest.icons) {
      const size = await page.evaluate(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return `${String(image.naturalWidth)}x${String(image.naturalHeight)}`;
      }, new URL(src, url).href);
      if (sizes !== 'any') expect(size, src).toBe(sizes);
    }
    const masks = manifest.icons.filter(({ purpose }) => purpose === 'maskable');
    expect(masks.map(({ sizes }) => sizes)).toEqual(['192x192', '512x512']);
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
  });
}

test('the policy of the page lets nothing in from elsewhere', async ({
  page,
  site,
  noConsoleErrors,
}) => {
  await page.goto(site.root);
  const policy = await page
    .locator('meta[http-equiv="content-security-policy"]')
    .getAttribute('content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:/);
  noConsoleErrors.allow(/policy:|Content Security Policy|TrustedHTML/);
  const outcome = await page.evaluate(async () => {
    const tries = [
      () => fetch('https://example.org/').then(() => 'fetched'),
      () => {
        document.body.insertAdjacentHTML('beforeend', '<img src=x>');
        return Promise.resolve('inserted');
      },
    ];
    return Promise.all(
      tries.map((attempt) =>
        Promise.resolve()
          .then(attempt)
          .catch(() => 'stopped'),
      ),
    );
  });
  expect(outcome).toEqual(['stopped', 'stopped']);
});

test('from the second load on headers hold that no host has to send', async ({
  page,
  site,
  noConsoleErrors,
}) => {
  await page.goto(site.root);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  const headers = (await page.reload())?.headers() ?? {};
  expect(headers['content-security-policy']).toBe("frame-ancestors 'self'");
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['permissions-policy']).toContain('geolocation=()');
  expect(headers['permissions-policy']).toContain('camera=(self)');
  await signUp(page, ANNA);
  noConsoleErrors.allow(/Content Security Policy|policy:|another origin/);
  expect(page.workers().length).toBeGreaterThan(1);
  for (const worker of page.workers()) {
    const outcomes = await worker.evaluate(async () => {
      const elsewhere = 'https://example.org/script.js';
      const tries = [
        () => fetch('http://example.org/'),
        () => import(/* @vite-ignore */ elsewhere) as Promise<unknown>,
      ];
      const settled = await Promise.allSettled(tries.map((attempt) => attempt()));
      return settled.map(({ status }) => status);
    });
    expect(outcomes, worker.url()).toEqual(['rejected', 'rejected']);
  }
});
