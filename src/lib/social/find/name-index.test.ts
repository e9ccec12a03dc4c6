import { expect, it } from 'vitest';
import { NameIndex } from './name-index.ts';

const NAMES = ['bob', 'alice', 'anna-bob', 'bobby', 'carol', 'al', 'zoe-al'];

it.each([
  ['bob', ['bob', 'bobby', 'anna-bob']],
  ['AL', ['al', 'alice', 'zoe-al']],
  [' carol ', ['carol']],
  ['zz', []],
  ['', []],
])('finds %j', (text, found) => {
  expect(new NameIndex(NAMES).find(text, 10)).toEqual(found);
});

it('finds no more than it is asked for', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `name${i}`);
  expect(new NameIndex(names).find('name', 7)).toHaveLength(7);
});

it('finds the same as looking at every name', () => {
  const names = Array.from({ length: 3000 }, (_, i) => ((i * 7919) % 4096).toString(36));
  const index = new NameIndex(names);
  for (const text of ['1', 'a', '2c', 'zz', '3']) {
    const expected = names.filter((name) => name.startsWith(text)).toSorted();
    expect(index.find(text, names.length)).toEqual(expected);
  }
});
