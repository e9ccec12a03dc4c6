import { describe, expect, it } from 'vitest';
import { lookUpFiles } from './look-up-files.ts';

/** A file that the disk takes this long to find; each look-up is noted. */
function slowFile(name: string, tookMs: number, lookedUp: string[]): File {
  const file = new File(['x'], name);
  Object.defineProperty(file, 'size', {
    get() {
      const start = performance.now();
      while (performance.now() - start < tookMs);
      lookedUp.push(name);
      return 1;
    },
  });
  return file;
}

describe('files of a picker', () => {
  it('are all looked up, folders without files left alone', async () => {
    const lookedUp: string[] = [];
    const names = ['a', 'b', 'c'];
    const items = names.map((name) => ({ path: [name], file: slowFile(name, 0, lookedUp) }));
    await lookUpFiles([...items, { path: ['empty folder'] }]);
    expect(lookedUp).toEqual(names);
  });

  it('leave the page room for other tasks while a slow disk is asked', async () => {
    const lookedUp: string[] = [];
    const items = Array.from({ length: 20 }, (_, at) => ({
      path: [String(at)],
      file: slowFile(String(at), 10, lookedUp),
    }));
    const before: number[] = [];
    const tasks = setInterval(() => before.push(lookedUp.length), 1);
    await lookUpFiles(items);
    clearInterval(tasks);
    // Something else ran in the middle, several times.
    expect(
      new Set(before.filter((count) => count > 0 && count < items.length)).size,
    ).toBeGreaterThan(3);
  });
});
