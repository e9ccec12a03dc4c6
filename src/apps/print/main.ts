/** Draws a page that an app wants to print. Nothing of it runs: the document allows no script of its own. */
import { READ_LIMIT_BYTES } from '#lib/frames/index.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';

/** Called by the document's first script. */
export async function start({ file, serve }: ViewerFrame): Promise<void> {
  const { sizeBytes } = await file.call('open', []);
  const pieces: BlobPart[] = [];
  for (let at = 0; at < sizeBytes; at += READ_LIMIT_BYTES) {
    const end = Math.min(sizeBytes, at + READ_LIMIT_BYTES);
    pieces.push((await file.call('read', [at, end])) as Uint8Array<ArrayBuffer>);
  }
  const { html, css, title } = JSON.parse(await new Blob(pieces).text()) as Record<string, string>;
  const style = document.createElement('style');
  style.textContent = css ?? '';
  document.head.append(style);
  document.title = title ?? '';
  document.body.innerHTML = html ?? '';
  serve({
    theme: async () => undefined,
    async command(_context, command) {
      if (command === 'print') print();
    },
    focus: async () => undefined,
  });
}
