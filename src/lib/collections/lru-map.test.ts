import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LruMap } from './lru-map.ts';

/** The same by hand: a list, least recently used first. */
class Model {
  entries: [string, number][] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): number | undefined {
    const found = this.entries.find(([name]) => name === key);
    if (found !== undefined) this.entries = [...this.without(key), found];
    return found?.[1];
  }

  set(key: string, value: number): void {
    this.entries = [...this.without(key), [key, value]];
    while (this.entries.reduce((sum, [, weight]) => sum + weight, 0) > this.#capacity) {
      this.entries.shift();
    }
  }

  without(key: string): [string, number][] {
    return this.entries.filter(([name]) => name !== key);
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('set'), key, value: fc.integer({ min: 0, max: 12 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('get'), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear'), key }) },
);

describe('a map that forgets', () => {
  test('holds and forgets what a list of the order of use says, by weight', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const map = new LruMap<string, number>(10, (value) => value);
        const model = new Model(10);
        for (const one of operations) {
          if ('value' in one) {
            map.set(one.key, one.value);
            model.set(one.key, one.value);
          } else if (one.do === 'get') {
            expect(map.get(one.key)).toBe(model.get(one.key));
          } else if (one.do === 'delete') {
            map.delete(one.key);
            model.entries = model.without(one.key);
          } else {
            map.clear();
            model.entries = [];
          }
          expect([...map]).toEqual(model.entries);
          expect(map.has(one.key)).toBe(model.entries.some(([name]) => name === one.key));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('counts entries where no weight is given', () => {
    const map = new LruMap<string, string>(2);
    for (const name of ['a', 'b', 'c']) map.set(name, name);
    expect([...map]).toEqual([
      ['b', 'b'],
      ['c', 'c'],
    ]);
  });
});
