/** Seeking in a film: the same times, the same film, with and without the service worker. */
import type { Locator } from '@playwright/test';

const SEEKS = 20;

/** Milliseconds from setting the time to the new frame being there; the median of twenty. */
export async function medianSeekMs(video: Locator, seconds: number): Promise<number> {
  await video.evaluate(async (element) => {
    const film = element as HTMLVideoElement;
    film.muted = true;
    film.pause();
    if (film.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      await new Promise((resolve) => film.addEventListener('loadeddata', resolve, { once: true }));
    }
  });
  const took: number[] = [];
  for (const time of randomTimes(seconds)) {
    took.push(
      await video.evaluate(async (element, target) => {
        const film = element as HTMLVideoElement;
        const start = performance.now();
        film.currentTime = target;
        await new Promise((resolve) => film.addEventListener('seeked', resolve, { once: true }));
        return performance.now() - start;
      }, time),
    );
  }
  return median(took);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** The same in every run: a linear congruential generator, spread over the whole film. */
function randomTimes(seconds: number): number[] {
  let state = 20_260_101;
  return Array.from({ length: SEEKS }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + (state / 2 ** 32) * (seconds - 2);
  });
}
