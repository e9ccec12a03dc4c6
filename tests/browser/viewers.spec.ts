/** What a viewer shows beside films: sounds, and the files before and after. */
import type { Page } from '@playwright/test';
import { closeViewer, seesText, transfersEnd, viewer } from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const SECONDS = 40;

test('a sound plays, is sought, and leads to the files around it', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(page, [
    fixtureFiles.file('a letter.txt', 'The first of three.'),
    fixtureFiles.file('b tone.wav', tone(SECONDS)),
    fixtureFiles.file('c red.png', picture(8, 8, [200, 0, 0])),
  ]);
  await transfersEnd(page);
  await open(page, 'b tone.wav');
  const sound = viewer(page).locator('video');
  await expect(sound).toHaveJSProperty('readyState', 4);
  expect(await sound.evaluate((it: HTMLVideoElement) => it.duration)).toBeCloseTo(SECONDS, 1);
  await viewer(page).getByRole('slider', { name: 'Position' }).fill('30');
  await expect.poll(() => timeOf(page)).toBe(30);
  await viewer(page).getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => timeOf(page)).toBeGreaterThan(30.3);
  await page.keyboard.press('Space');
  await expect(sound).toHaveJSProperty('paused', true);
  await viewer(page).getByRole('button', { name: 'Next' }).click();
  await expect(viewer(page).getByRole('img', { name: 'c red.png' })).toBeVisible();
  await viewer(page).getByRole('button', { name: 'Previous' }).click();
  await viewer(page).getByRole('button', { name: 'Previous' }).click();
  await seesText(page, 'The first of three.');
  await closeViewer(page);
});

function timeOf(page: Page): Promise<number> {
  return viewer(page)
    .locator('video')
    .evaluate((it: HTMLVideoElement) => it.currentTime);
}

/** 440 Hz, 8 bits, 8,000 samples a second, as WAVE. */
function tone(seconds: number): Buffer {
  const rate = 8_000;
  const samples = Buffer.from(
    Uint8Array.from({ length: rate * seconds }, (_, i) =>
      Math.round(128 + 60 * Math.sin((2 * Math.PI * 440 * i) / rate)),
    ),
  );
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
