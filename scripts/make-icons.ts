/**
 * Draws the PNG icons from the two SVG ones, in a headless Chromium. Run after changing the mark:
 * `node scripts/make-icons.ts`; the pictures are committed, so a build needs no browser.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const FOLDER = new URL('../static/icons/', import.meta.url);
const PICTURES = [
  ...[32, 192, 256, 384, 512].map((size) => ({
    from: 'icon.svg',
    to: `icon-${String(size)}.png`,
    size,
  })),
  ...[192, 512].map((size) => ({
    from: 'icon-maskable.svg',
    to: `icon-maskable-${String(size)}.png`,
    size,
  })),
  // Apple rounds the corners itself.
  { from: 'icon-maskable.svg', to: 'apple-touch-icon.png', size: 180 },
];

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath });
const page = await browser.newPage();
for (const { from, to, size } of PICTURES) {
  const svg = await readFile(new URL(from, FOLDER), 'utf8');
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>*{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`,
  );
  await writeFile(new URL(to, FOLDER), await page.screenshot({ omitBackground: true }));
}
await browser.close();
