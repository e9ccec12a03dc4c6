/**
 * What every browser test starts from: a site of its own on a port of its own, a browser with an
 * empty profile, and a watch that fails the test when anything went wrong unseen.
 */
import { test as base } from '@playwright/test';
import { Materials } from './materials.ts';
import { Profile, type ProfileOptions } from './profile.ts';
import { Site } from './site.ts';
import { Watch } from './watch.ts';

interface Fixtures {
  /** Options for the browser; set with `test.use`. */
  readonly browserOptions: ProfileOptions;
  readonly site: Site;
  readonly watch: Watch;
  readonly profile: Profile;
  /** A folder of files to upload; gone with the test. */
  readonly materials: Materials;
}

export const test = base.extend<Fixtures>({
  browserOptions: [{}, { option: true }],
  site: async ({}, use) => {
    const site = await Site.open();
    await use(site);
    await site.stop();
  },
  watch: async ({ site }, use) => {
    const { port } = new URL(site.origin);
    const watch = new Watch((url) => url.port === port && url.hostname.endsWith('localhost'));
    await use(watch);
    watch.check();
  },
  profile: async ({ watch, browserOptions }, use, info) => {
    const profile = new Profile({
      ...browserOptions,
      prepare: async (context) => {
        context.setDefaultTimeout(30_000);
        await watch.attach(context);
        await browserOptions.prepare?.(context);
      },
    });
    await use(profile);
    if (info.status !== info.expectedStatus) {
      const pages = (await profile.context()).pages();
      for (const [index, page] of pages.entries()) {
        const path = info.outputPath(`page-${String(index)}.png`);
        await page.screenshot({ path }).catch(() => undefined);
      }
    }
    await profile.destroy();
  },
  materials: async ({}, use) => {
    const materials = new Materials();
    await use(materials);
    materials.remove();
  },
  context: async ({ profile }, use) => {
    await use(await profile.context());
  },
  page: async ({ profile }, use) => {
    await use(await profile.page());
  },
});

export { expect } from '@playwright/test';
