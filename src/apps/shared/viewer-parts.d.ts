/** Made by the build (`scripts/site/frame-files.ts`): names to ask the page for. */
declare module 'virtual:viewer-parts' {
  interface ViewerParts {
    /** Classic scripts of workers. */
    readonly workers: { readonly 'pdf-worker': string };
    /** Folders of data; a name in one of them is `folder/name`. */
    readonly data: { readonly 'pdf-parts': string; readonly 'pdf-cmaps': string };
  }
  const parts: ViewerParts;
  export default parts;
}
