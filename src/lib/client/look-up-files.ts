/**
 * Files of a picker, before they are handed to the engine. A browser looks a picked file up on the
 * disk when its size is first asked for or when it is posted to a worker, and waits for the answer:
 * 3,000 files posted in one message hold the page up for a second. Looked up before, they are
 * posted at once.
 */
import type { UploadItem } from './types.ts';

/** The longest time without a pause, of the 16 ms of a frame. */
const SLICE_MS = 8;

/** Looks up all files, with pauses in which the page can draw and respond. */
export async function lookUpFiles(items: readonly UploadItem[]): Promise<void> {
  let sliceStart = performance.now();
  for (const { file } of items) {
    void file?.size;
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await nextTask();
    sliceStart = performance.now();
  }
}

/** Unlike a timer, this does not slow down in a hidden tab. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
