import { describe, expect, it } from 'vitest';
import { entriesOf } from './outline.ts';

interface Item {
  readonly title: string;
  readonly dest: string;
  readonly items: readonly Item[];
}
const item = (title: string, items: readonly Item[] = []): Item => ({ title, dest: title, items });
type Entries = ReturnType<typeof entriesOf>;
const countOf = (entries: Entries): number =>
  entries.reduce((sum, { children }) => sum + 1 + countOf(children), 0);
const depthOf = (entries: Entries): number =>
  entries.length === 0 ? 0 : 1 + Math.max(...entries.map(({ children }) => depthOf(children)));

describe('entriesOf', () => {
  it('keeps titles, destinations and what is below', () => {
    expect(entriesOf([item('a', [item('b')])])).toEqual([
      { title: 'a', destination: 'a', children: [{ title: 'b', destination: 'b', children: [] }] },
    ]);
  });

  it('bounds how many, how deep and how long', () => {
    const deep = Array.from({ length: 400 }).reduce<Item>(
      (below) => item('x'.repeat(1_000), [below]),
      item('last'),
    );
    expect(depthOf(entriesOf([deep]))).toBe(12);
    expect(entriesOf([deep])[0]?.title.length).toBe(300);
    expect(countOf(entriesOf(Array.from({ length: 9_000 }, () => item('many'))))).toBe(5_000);
  });
});
