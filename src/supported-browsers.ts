/**
 * The oldest browsers the site runs in: what the build compiles for, what the page says in an older
 * one (`static/browser-check.js` notices), and what the README promises.
 *
 * `light-dark()` sets Chrome and Safari; Firefox is its long-term release of 2024, the first that
 * names its databases.
 */
export const SUPPORTED_BROWSERS = { chrome: '123', firefox: '128', safari: '17.5' } as const;
