/** Made by the build (`scripts/site/frame-files.ts`): the programs of our viewers, file by file. */
declare module 'virtual:frame-files' {
  import type { FrameFiles } from '#lib/frames/index.ts';
  const files: FrameFiles;
  export default files;
}
