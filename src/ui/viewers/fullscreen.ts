/**
 * A film over the whole screen. iPhones have no full screen for elements, only for the film itself,
 * in Apple's older way.
 */
type AppleVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

/** Into full screen or out of it; `frame` is what is enlarged where the browser allows it. */
export async function toggleFullscreen(
  video: HTMLVideoElement,
  frame: Element,
  page: Pick<Document, 'fullscreenElement' | 'exitFullscreen'> = document,
): Promise<void> {
  if (typeof frame.requestFullscreen !== 'function') {
    (video as AppleVideo).webkitEnterFullscreen?.();
  } else if (page.fullscreenElement) {
    await page.exitFullscreen();
  } else {
    await frame.requestFullscreen();
  }
}

/** Whether there is any way to it. */
export function hasFullscreen(video: HTMLVideoElement): boolean {
  return typeof video.requestFullscreen === 'function' || 'webkitEnterFullscreen' in video;
}
