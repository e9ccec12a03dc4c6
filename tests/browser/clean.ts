/** Whether a screen passes axe: light and dark, on a desk and on a phone. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

/** The same screen in every size; what is on it stays. */
export async function inEverySize(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await isClean(page, `${name}, ${String(size.width)} wide`);
  }
}

/** Every rule in light; in dark the one that looks at colours. */
export async function isClean(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await settles(page);
  const light = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect.soft(faultsOf(light), `${name}, light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await settles(page);
  const colours = new AxeBuilder({ page }).setLegacyMode(true).withRules(['color-contrast']);
  expect.soft(faultsOf(await colours.analyze()), `${name}, dark`).toEqual([]);
}

/** What fades in has its true colours only at the end. */
async function settles(page: Page): Promise<void> {
  await page.evaluate(() => {
    const ends = document.getAnimations().map((animation) => animation.finished);
    return Promise.race([Promise.allSettled(ends), new Promise((go) => setTimeout(go, 1_000))]);
  });
}

function faultsOf({ violations }: Awaited<ReturnType<AxeBuilder['analyze']>>): string[] {
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`,
    ),
  );
}
