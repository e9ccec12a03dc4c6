/** Acting with the keyboard alone. */
import { expect, type Locator, type Page } from '@playwright/test';

const STEPS_MAX = 80;

/** Presses Tab until a control has the focus. */
export async function tabTo(
  page: Page,
  role: 'button' | 'grid' | 'textbox' | 'searchbox' | 'link' | 'combobox' | 'radio' | 'tab',
  name: string | RegExp,
): Promise<Locator> {
  const exact = typeof name === 'string';
  return tabToIt(page, page.getByRole(role, { name, exact }), String(name));
}

/** The same for a control that is found in another way. */
export async function tabToIt(page: Page, wanted: Locator, name: string): Promise<Locator> {
  await expect(wanted).toBeVisible();
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return wanted;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No way by Tab to “${name}”.`);
}

/** The same, where it is seen that the control has the focus, and then presses it. */
export async function pressByKeys(
  page: Page,
  role: Parameters<typeof tabTo>[1],
  name: string | RegExp,
  key = 'Enter',
): Promise<void> {
  await tabTo(page, role, name);
  await seesFocus(page);
  await page.keyboard.press(key);
}

/** Something has the focus, and is drawn as such: itself, or the frame around it. */
export async function seesFocus(page: Page): Promise<void> {
  const seen = await page.evaluate(() => {
    const held = document.activeElement;
    if (held === null || held === document.body) return 'nothing has the focus';
    for (
      let at: Element | null = held, up = 0;
      at !== null && up < 4;
      at = at.parentElement, up++
    ) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
      if (isOutlined || (up === 0 && boxShadow !== 'none')) return '';
    }
    return `no ring around ${held.outerHTML.slice(0, 120)}`;
  });
  expect.soft(seen).toBe('');
}

/** Something other than the page has the focus: Tab goes on from there. */
export async function keepsPlace(page: Page, after: string): Promise<void> {
  await expect(async () => {
    const held = await page.evaluate(() => document.activeElement?.tagName);
    expect(held, `focus after ${after}`).not.toBe('BODY');
  }).toPass({ timeout: 3_000 });
}
