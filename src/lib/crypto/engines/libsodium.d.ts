/** libsodium's own package has no types; see `sodium.ts` for the functions that are used. */
declare module 'libsodium' {
  const load: (options: { readonly getRandomValue: () => number }) => Promise<unknown>;
  export default load;
}
