/** Made by the build (`scripts/site/frame-files.ts`): what documents of frames begin with. */
declare module 'virtual:frame-scripts' {
  import type { FrameScripts } from '#lib/sw/frame-pages.ts';
  /** Paths below the site of files of viewers that are kept at their first use. */
  const scripts: FrameScripts & { readonly rareFiles: readonly string[] };
  export default scripts;
}
