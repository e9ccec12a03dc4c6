/** The built folder works wherever it lies. */
import { expect, test } from './fixtures.ts';
import type { Site } from './site.ts';

const PLACES = [
  ['at a root', (site: Site) => site.root],
  ['under a prefix', (site: Site) => site.underPrefix],
  ['on a path gateway', (site: Site) => site.onPathGateway],
  ['on a subdomain gateway', (site: Site) => site.onSubdomainGateway],
] as const;

for (const [where, addressOf] of PLACES) {
  test(`the page opens ${where}`, async ({ page, site, watch }) => {
    // There the worker's script is refused, which the browser reports.
    if (addressOf(site) === site.onPathGateway) {
      watch.allow(/service-worker\.js|bad HTTP response code/);
    }
    await page.goto(addressOf(site));
    await expect(page).toHaveTitle(/Pyrgos/);
    await expect(page.getByRole('heading').first()).toBeVisible();
  });
}

test('the policy of the page lets nothing in from elsewhere', async ({ page, site, watch }) => {
  await page.goto(site.root);
  const policy = await page
    .locator('meta[http-equiv="content-security-policy"]')
    .getAttribute('content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:/);
  watch.allow(/policy:|Content Security Policy|TrustedHTML/);
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
