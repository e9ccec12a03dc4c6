/** Made by the build (`scripts/site/frame-files.ts`): what documents of frames begin with. */
declare module 'virtual:frame-scripts' {
  import type { FrameScripts } from '#lib/sw/frame-pages.ts';
  const scripts: FrameScripts;
  export default scripts;
}
