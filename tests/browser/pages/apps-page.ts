/** Apps of `docs/examples`, as a person installs and runs them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { zipSync } from 'fflate';
import type { FixtureFiles } from '../fixture-files.ts';
import { goTo } from './drive-page.ts';

const EXAMPLES = fileURLToPath(new URL('../../../docs/examples', import.meta.url));

export const runner = (page: Page): Locator => page.getByRole('dialog', { name: /^App: / });
export const inApp = (page: Page): FrameLocator => runner(page).frameLocator('iframe');

/** The folder of an example as an archive; its path. */
export function archive(fixtureFiles: FixtureFiles, name: string): string {
  const folder = join(EXAMPLES, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
  const parts = files.map((path) => [relative(EXAMPLES, path), readFileSync(path)] as const);
  return fixtureFiles.file(`${name}.zip`, Buffer.from(zipSync(Object.fromEntries(parts))));
}

/** Installs an archive on the screen of apps. */
export async function install(page: Page, path: string): Promise<void> {
  await goTo(page, 'Apps');
  await page.getByLabel('Install from a ZIP').last().setInputFiles(path);
  const dialog = page.getByRole('dialog', { name: /^Install / });
  await expect(dialog.getByText('From an archive: nothing shows who made it')).toBeVisible();
  await dialog.getByRole('button', { name: 'Install', exact: true }).click();
  await expect(dialog).toBeHidden();
}
