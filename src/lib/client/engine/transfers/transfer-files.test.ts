import { describe, expect, it } from 'vitest';
import type { NumberedFile } from '../../types.ts';
import { TransferFiles } from './transfer-files.ts';

const fileNames = (count: number) =>
  [...Array(count).keys()].map((i) => ({ path: [`${i}`], sizeBytes: 10 }));

describe('the files of a transfer', () => {
  it('count what is stored, what was skipped and what failed', () => {
    const files = new TransferFiles(fileNames(4));
    files.advance(['0'], 4);
    files.settle(['1'], 'done');
    files.settle(['2'], 'skipped');
    files.fail(['3'], { name: 'SourceChanged', kind: 'conflict', message: 'changed' });
    expect(files.counts).toMatchObject({ waiting: 0, running: 1, done: 1, skipped: 1, failed: 1 });
    expect(files.doneBytes).toBe(14);
    expect(files.skippedBytes).toBe(10);
    expect(files.failure).toMatchObject({ path: ['3'], error: { name: 'SourceChanged' } });
    files.restart(['failed']);
    expect(files.failure).toBeUndefined();
    expect(files.counts).toMatchObject({ waiting: 1, failed: 0 });
  });

  it('never count more of a file than there is, nor go back on one that is settled', () => {
    const files = new TransferFiles(fileNames(1));
    files.advance(['0'], 25);
    expect(files.doneBytes).toBe(10);
    files.advance(['0'], -25);
    expect(files.doneBytes).toBe(0);
    files.settle(['0'], 'done');
    files.advance(['0'], -5);
    expect(files.doneBytes).toBe(10);
  });

  it('tell all of ten thousand in runs, then only what changed', async () => {
    const files = new TransferFiles(fileNames(10_000));
    const told: (readonly NumberedFile[])[] = [];
    const stop = new AbortController();
    const watching = files.watch((some) => told.push(some), stop.signal).catch(() => 'stopped');
    expect(told.map((some) => some.length)).toEqual(Array(10).fill(1_000));
    for (let i = 0; i < 500; i++) files.advance(['7'], 0);
    files.settle(['9999'], 'done');
    await expect.poll(() => told.length).toBe(11);
    expect(told[10]!.map(({ at }) => at)).toEqual([7, 9999]);
    stop.abort();
    expect(await watching).toBe('stopped');
  });
});
