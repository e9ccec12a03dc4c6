/** A film in the viewer: where it is put, and which frame it then shows. */
import { FRAME, FRAMES_PER_SECOND, readFrame } from '../media/films.ts';
import type { Tab } from './driven.ts';
import { until } from './driven.ts';

/** Seeks, and says which frame is shown then. */
export async function frameAt(tab: Tab, seconds: number): Promise<number> {
  await until(`the film is at ${String(seconds)} s`, () =>
    tab.run((at) => {
      const video = document.querySelector('video');
      if (video === null || video.readyState < HTMLMediaElement.HAVE_METADATA) return false;
      if (Math.abs(video.currentTime - at) > 0.001) {
        video.pause();
        video.currentTime = at;
        return false;
      }
      return !video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    }, seconds),
  );
  return tab.run(readFrame, 'video', FRAME);
}

/** The frame that belongs there. */
export function frameOf(seconds: number): number {
  return Math.floor(seconds * FRAMES_PER_SECOND + 1e-6);
}
