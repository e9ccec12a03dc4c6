/**
 * How thorough a run of the tests is. `npm test` takes a fixed sample of the longest tables, always
 * the same one; `npm run test:long` takes them whole.
 */

/** True under `npm run test:long`. */
export const isLongRun = process.env['LONG_TESTS'] === '1';

/** All cases in a long run; else each `every`-th of them, and always the first and the last. */
export function sampled<T>(cases: readonly T[], every: number): readonly T[] {
  if (isLongRun) return cases;
  return cases.filter((_, at) => at % every === 0 || at === cases.length - 1);
}
