/** Made by the build (`scripts/site/offline-files.ts`): every immutable file, below the site. */
declare module 'virtual:offline-files' {
  const paths: readonly string[];
  export default paths;
}
