/**
 * What every browser test starts from: a site of its own on a port of its own, a browser with an
 * empty profile, and a check that fails the test after errors on the console.
 */
import { test as base } from '@playwright/test';
import { FixtureFiles } from './fixture-files.ts';
import { NodeSite, type NodeOptions } from './node-site.ts';
import { Profile, type ProfileOptions } from './profile.ts';
import { SignedUpProfiles } from './signed-up-profile.ts';
import { Site, SITE_FOLDER } from './site.ts';
import { NoConsoleErrors } from './no-console-errors.ts';

/** Given to a story that only `npm run test:long` runs. */
export const LONG = { tag: '@long' };

/** Where the person's drive is: in the browser, on a static host's site, or at a node. */
type HomeKind = 'browser' | 'server';
export const HOMES: readonly HomeKind[] = ['browser', 'server'];

/** The address a person goes to; it can go away and come back. */
interface Home {
  /** Ends in `/`. */
  readonly root: string;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

interface WorkerFixtures {
  readonly signedUpProfiles: SignedUpProfiles;
}

interface Fixtures {
  /**
   * Whether the browser is one in which ANNA has signed up at the root of `site` and stays signed in;
   * set with `test.use`.
   */
  readonly isSignedUp: boolean;
  /** Options for the browser; set with `test.use`. */
  readonly browserOptions: ProfileOptions;
  readonly site: Site;
  /** Options for the node; set with `test.use`. */
  readonly nodeOptions: NodeOptions;
  /** Our own node with the same site; started by the tests that ask for it. */
  readonly node: NodeSite;
  /** Which of the two `home` is; set with `test.use`. */
  readonly homeKind: HomeKind;
  readonly home: Home;
  readonly noConsoleErrors: NoConsoleErrors;
  readonly profile: Profile;
  /** A folder of files to upload; gone with the test. */
  readonly fixtureFiles: FixtureFiles;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  signedUpProfiles: [
    async ({}, use) => {
      const profiles = new SignedUpProfiles();
      await use(profiles);
      await profiles.remove();
    },
    { scope: 'worker' },
  ],
  isSignedUp: [false, { option: true }],
  browserOptions: [{}, { option: true }],
  site: async ({ isSignedUp, signedUpProfiles }, use) => {
    const port = isSignedUp ? (await signedUpProfiles.get()).port : 0;
    const site = await Site.open(SITE_FOLDER, { port });
    await use(site);
    await site.stop();
  },
  noConsoleErrors: async ({ site }, use) => {
    const noConsoleErrors = new NoConsoleErrors();
    noConsoleErrors.own(site.origin);
    await use(noConsoleErrors);
    noConsoleErrors.check();
  },
  nodeOptions: [{}, { option: true }],
  node: async ({ nodeOptions, noConsoleErrors }, use) => {
    await withNode(nodeOptions, noConsoleErrors, use);
  },
  homeKind: ['browser', { option: true }],
  home: async ({ homeKind, site, nodeOptions, noConsoleErrors }, use) => {
    if (homeKind === 'browser') await use(site);
    else await withNode(nodeOptions, noConsoleErrors, use);
  },
  profile: async ({ noConsoleErrors, browserOptions, isSignedUp, signedUpProfiles }, use, info) => {
    const profile = new Profile({
      ...browserOptions,
      ...(isSignedUp ? { copyOf: (await signedUpProfiles.get()).folder } : {}),
      prepare: async (context) => {
        context.setDefaultTimeout(30_000);
        await noConsoleErrors.attach(context);
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
  fixtureFiles: async ({}, use) => {
    const fixtureFiles = new FixtureFiles();
    await use(fixtureFiles);
    fixtureFiles.remove();
  },
  context: async ({ profile }, use) => {
    await use(await profile.context());
  },
  page: async ({ profile }, use) => {
    await use(await profile.page());
  },
});

async function withNode(
  options: NodeOptions,
  noConsoleErrors: NoConsoleErrors,
  use: (node: NodeSite) => Promise<void>,
): Promise<void> {
  const node = await NodeSite.open(options);
  noConsoleErrors.own(node.origin);
  await use(node);
  await node.destroy();
}

export { expect } from '@playwright/test';
