/**
 * Whether a screen passes axe: light and dark, on a desk and on a phone. With `PYRGOS_PICTURES` set
 * to a folder, each is also saved there as a picture, to be looked at.
 */
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { isLongRun } from '#lib/bytes/testing.ts';

export const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

/** Up to this width a screen is touched, and what is touched has this many pixels. */
const FINGER_WIDTH = 640;
const FINGER_PX = 44;

type Scheme = 'light' | 'dark';
const BOTH: readonly Scheme[] = ['light', 'dark'];

/**
 * The same screen in every size; what is on it stays. Both schemes are looked at in each size in a
 * long run and where pictures are taken, else light on a phone and dark on a desk.
 */
export async function inEverySize(page: Page, name: string): Promise<void> {
  const isWhole = isLongRun || process.env['PYRGOS_PICTURES'] !== undefined;
  for (const size of SIZES) {
    await page.setViewportSize(size);
    const sampled: Scheme = size.width < FINGER_WIDTH ? 'light' : 'dark';
    await isClean(page, `${name}, ${String(size.width)} wide`, isWhole ? BOTH : [sampled]);
  }
}

/** Every rule in light; in dark the one that looks at colours. Nothing is wider than the screen. */
export async function isClean(page: Page, name: string, schemes = BOTH): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect.soft(over, `${name}, too wide`).toBeLessThanOrEqual(0);
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await settles(page);
    await savePicture(page, `${name}, ${scheme}`);
    const axe = await axeOn(page);
    if (scheme === 'dark') axe.withRules(['color-contrast']);
    expect.soft(faultsOf(await axe.analyze()), `${name}, ${scheme}`).toEqual([]);
  }
  expect.soft(await coveredLayers(page), `${name}, covered`).toEqual([]);
  if ((page.viewportSize()?.width ?? 0) < FINGER_WIDTH) {
    expect.soft(await smallTargets(page), `${name}, for fingers`).toEqual([]);
  }
}

/**
 * Axe for what the page shows now. Its source is half a megabyte, and is given to a page once, unless
 * there are frames. The elements that pass are many, and are not described.
 */
async function axeOn(page: Page): Promise<AxeBuilder> {
  const isAlone = page.frames().length === 1;
  const isThere = isAlone && (await page.evaluate(() => 'axe' in globalThis));
  return new AxeBuilder({ page, ...(isThere ? { axeSource: ';' } : {}) })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] });
}

/** Menus, popovers and dialogs whose corners something hides, or that reach out of the window. */
async function coveredLayers(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const layers = [...document.querySelectorAll('[role=menu], [role=dialog], .popover')];
    return layers.flatMap((layer) => {
      const { left, right, top, bottom } = layer.getBoundingClientRect();
      // Well inside rounded corners.
      const [xs, ys] = [
        [left + 12, right - 12],
        [top + 12, bottom - 12],
      ] as const;
      const corners = xs.flatMap((x) => ys.map((y) => document.elementFromPoint(x, y)));
      const isOver = (at: Element | null): boolean =>
        at !== null && (layer.contains(at) || at.closest('[role=menu], [role=dialog]') !== null);
      return corners.every(isOver) ? [] : [layer.textContent.trim().slice(0, 40)];
    });
  });
}

async function savePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['PYRGOS_PICTURES'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** What is pressed and has less than 44 pixels either way. A box in a label is as large as it. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const controls = 'button, a[href], select, input:not([type=file]), [role=menuitem]';
    return [...document.querySelectorAll<HTMLElement>(controls)].flatMap((control) => {
      // A field is pressed anywhere in its frame.
      const isField = control.matches('input:not([type=checkbox], [type=range])');
      const frame = isField ? control.parentElement : control.closest('label, [data-check]');
      const target = frame ?? control;
      const { width, height, top } = target.getBoundingClientRect();
      const isShown = control.checkVisibility({ opacityProperty: true }) && width > 1;
      const isOutside = control.closest('.skip, [aria-hidden=true], [inert]') !== null || top < 0;
      const isSmall = height < least || width < least;
      if (!isShown || isOutside || !isSmall) return [];
      const name = control.getAttribute('aria-label') ?? control.textContent.trim();
      return [`${control.tagName} “${name}” ${Math.round(width)} × ${Math.round(height)}`];
    });
  }, FINGER_PX);
}

/** Another scheme is there with the next frame; what fades in has its true colours only at the end. */
async function settles(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
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
