/** Two kinds of stores that are told the same do the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryStores } from '../memory.ts';
import type { BlockStore, RecordStore } from '../types.ts';
import { bytes } from './keys.ts';
import type { BlockKeys, Make } from './keys.ts';

/** Random calls have the same results and leave the same contents as in memory. */
export function describeAgreement(
  kind: string,
  make: Make<{ readonly blocks: BlockStore; readonly records: RecordStore }>,
  { areNames = false, runs = 30 }: BlockKeys & { readonly runs?: number } = {},
): void {
  // Some object stores keep folders: nothing may be called as one of them is.
  const keys = areNames ? ['a0', 'a/1', 'a/2', 'b', 'B'] : ['a', 'a/1', 'a/2', 'b', 'é', '😀'];
  const key = fc.constantFrom(...keys);
  const call = fc.record({
    call: fc.constantFrom('put', 'delete', 'apply'),
    keys: fc.array(key),
    byte: fc.nat(3),
  });
  test(`${kind} agrees with memory over random calls`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const pair = [createMemoryStores(), await make()];
        for (const { call, keys, byte } of calls) {
          const [left, right] = await Promise.all(
            pair.map(async ({ blocks, records }) => {
              const entries = keys.map((key, i) => ({ key, bytes: bytes(byte, i) }));
              if (call === 'put') return blocks.putMany(entries);
              if (call === 'delete') return blocks.deleteMany(keys);
              const value = byte === 0 ? undefined : bytes(byte);
              const expectation = { table: 't', key: keys[0] ?? 'a', value: bytes(byte - 1) };
              return records.apply({
                expect: byte > 1 ? [expectation] : [],
                writes: keys.map((key) => ({ table: 't', key, value })),
              });
            }),
          );
          expect(right).toEqual(left);
        }
        const [left, right] = await Promise.all(
          pair.map(async ({ blocks, records }) => ({
            blocks: await blocks.list(''),
            records: await records.list('t', ''),
          })),
        );
        expect(right).toEqual(left);
      }),
      { numRuns: runs },
    );
  });
}
