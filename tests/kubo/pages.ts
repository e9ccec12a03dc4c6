/** What a person does at the page from a gateway, in a Chromium of the test. */
import { expect, type Page } from '@playwright/test';
import { onTestFinished } from 'vitest';
import { FixtureFiles, noise } from '../browser/fixture-files.ts';
import { NodeSite, type NodeOptions } from '../browser/node-site.ts';
import { pickFiles, typeInto } from '../browser/pages/account-page.ts';
import { download, sees, transfersEnd } from '../browser/pages/drive-page.ts';
import { Profile } from '../browser/profile.ts';

/** The built site; `npm run test:interop` says where it is. */
export const SITE = process.env['PYRGOS_SITE'] ?? '';
export const HAS_CHROMIUM = process.env['CHROMIUM'] !== undefined;

export const NAME = 'noise.bin';
const BYTES = 6_000_000;

/** A tab of a browser that ends with the test. */
export async function openPage(args: readonly string[] = []): Promise<Page> {
  const profile = new Profile({ args });
  onTestFinished(() => profile.destroy());
  return profile.page();
}

/** A folder that ends with the test. */
export function fixtureFiles(): FixtureFiles {
  const files = new FixtureFiles();
  onTestFinished(() => files.remove());
  return files;
}

/** A node of ours with accounts, which ends with the test. */
export async function openNode(options: NodeOptions): Promise<NodeSite> {
  const node = await NodeSite.open(options);
  onTestFinished(() => node.destroy());
  return node;
}

/** The drive gets a file of several chunks. */
export async function upload(page: Page): Promise<void> {
  await pickFiles(page, [fixtureFiles().file(NAME, noise(NAME, BYTES))]);
  await sees(page, [NAME]);
  await transfersEnd(page);
}

/** And gives it back. */
export async function getsItBack(page: Page): Promise<void> {
  await sees(page, [NAME]);
  expect((await download(page, NAME)).equals(noise(NAME, BYTES))).toBe(true);
}

/** The person says that the drive is to be at a server. */
export async function chooseServer(page: Page, { origin, host }: NodeSite): Promise<void> {
  await page.getByRole('button', { name: 'Change' }).click();
  await typeInto(page.getByLabel('Address of the server'), origin);
  await page.getByRole('button', { name: 'Use this server' }).click();
  await expect(page.getByText(`On ${host}`)).toBeVisible();
}
