/**
 * Test vectors of the Wycheproof project (github.com/C2SP/wycheproof, `testvectors_v1`, of 18 August
 * 2026, Apache-2.0): what other implementations got wrong. Without comments and other forms of the
 * same key; of ML-KEM, whose keys are large, the first of each group alone.
 */
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

export type WycheproofCase<T> = T & {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'acceptable' | 'invalid';
};

/** The cases of a file, each with the members of its group. Byte strings are hex. */
export function wycheproof<T>(file: string): WycheproofCase<T>[] {
  const url = new URL(`wycheproof/${file}.json.br`, import.meta.url);
  const { numberOfTests, testGroups } = JSON.parse(
    brotliDecompressSync(readFileSync(url)).toString('utf8'),
  ) as { numberOfTests: number; testGroups: { tests: WycheproofCase<T>[] }[] };
  const cases = testGroups.flatMap(({ tests, ...group }) =>
    tests.map((test) => ({ ...group, ...test })),
  );
  if (cases.length !== numberOfTests) throw new Error(`${file} is not whole`);
  return cases;
}
