/**
 * Reading QR codes as a camera shows them: 48 frames that are turned, tilted, blurred, dimmed and
 * noisy, drawn by another library and read in this process.
 */
import { encode } from 'uqr';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import type { Frame } from '#lib/codes/index.ts';
import { openCodeReader } from '#lib/codes/testing.ts';
import { rounded } from './engine-run.ts';

const WIDTH = 640;
const HEIGHT = 480;
/** As long as the code of a safety number. */
const TEXT = 'a3'.repeat(76);
/** So many frames of one code are shown, as a camera held to it would. */
const FRAMES = 12;

interface Distortion {
  readonly degrees: number;
  /** Share of the width that the far side is narrower by. */
  readonly tilt: number;
  readonly blurPx: number;
  /** Grey of light and dark modules. */
  readonly light: number;
  readonly dark: number;
  readonly noise: number;
}

const DISTORTIONS: readonly Distortion[] = [0, 17, 45, 100].flatMap((degrees) =>
  [0, 0.15, 0.3].flatMap((tilt) =>
    [0, 1].flatMap((blurPx) =>
      [
        { light: 200, dark: 40, noise: 10 },
        { light: 120, dark: 50, noise: 25 },
      ].map((grey) => ({ degrees, tilt, blurPx, ...grey })),
    ),
  ),
);

export interface CodeTimes {
  /** Of 48. */
  readonly found: number;
  /** Median time to the first hit of those that were found. */
  readonly firstHitMs: number;
}

export async function codeTimes(): Promise<CodeTimes> {
  const times: number[] = [];
  for (const [seed, distortion] of DISTORTIONS.entries()) {
    const reader = openCodeReader();
    const startMs = performance.now();
    for (let shown = 0; shown < FRAMES; shown++) {
      const text = await reader.read(frameOf(distortion, seed * FRAMES + shown), false);
      if (text !== TEXT) continue;
      times.push(performance.now() - startMs);
      break;
    }
    reader.close();
  }
  times.sort((a, b) => a - b);
  return { found: times.length, firstHitMs: rounded(times[times.length >> 1] ?? NaN) };
}

function frameOf({ degrees, tilt, blurPx, light, dark, noise }: Distortion, seed: number): Frame {
  const random = createSeededRandom(seed + 1);
  const code = encode(TEXT, { border: 4 });
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const modulePx = 6;
  const half = (code.size * modulePx) / 2;
  const grey = new Float32Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    // The far side, above, is narrower.
    const narrow = 1 - tilt * (0.5 - y / HEIGHT);
    for (let x = 0; x < WIDTH; x++) {
      const [dx, dy] = [(x - WIDTH / 2) / narrow, (y - HEIGHT / 2) / narrow];
      const column = Math.floor((dx * cos + dy * sin + half) / modulePx);
      const row = Math.floor((dy * cos - dx * sin + half) / modulePx);
      const isDark = code.data[row]?.[column];
      grey[y * WIDTH + x] = isDark === undefined ? 120 : isDark ? dark : light;
    }
  }
  const pixels = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const value = blurred(grey, x, y, blurPx) + random.below(2 * noise + 1) - noise;
      pixels.fill(Math.max(0, Math.min(255, value)), (y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
    }
  }
  return { pixels, width: WIDTH, height: HEIGHT };
}

function blurred(grey: Float32Array, x: number, y: number, radius: number): number {
  let [sum, count] = [0, 0];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const value = grey[(y + dy) * WIDTH + x + dx];
      if (value === undefined) continue;
      sum += value;
      count++;
    }
  }
  return sum / count;
}
