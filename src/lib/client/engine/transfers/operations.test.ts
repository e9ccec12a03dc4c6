import { describe, expect, it } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Transfer } from '../../types.ts';
import { DriveOperations, ProgressSum, type OperationRun } from './operations.ts';
import { Transfers } from './transfers.ts';

class Spoilt extends PyrgosError {
  override readonly name = 'SourceChanged';
}

const ABOUT = { kind: 'copy', name: 'photos', folderPath: ['there'] } as const;
const part = { doneBytes: 5, totalBytes: 10, filesDone: 1, files: 2 };

function start() {
  let told: readonly Transfer[] = [];
  const transfers = new Transfers((all) => (told = all));
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const made = new DriveOperations({ transfers, random, clock: () => 0 });
  return { operations: made, transfers, line: () => told[0] };
}

/** Work that reports once and then lasts until it is ended or cancelled. */
function lasting() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = ({ signal, onProgress }: OperationRun): Promise<string> => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    onProgress(part);
    return promise;
  };
  return { work, end: resolve, fail: reject };
}

describe('a long operation', () => {
  it('that ends soon is not listed', async () => {
    const { operations, line } = start();
    expect(await operations.run(ABOUT, () => Promise.resolve('done'))).toBe('done');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(line()).toBeUndefined();
  });

  it('shows how far it is, and that it is done', async () => {
    const { operations, line } = start();
    const { work, end } = lasting();
    const running = operations.run(ABOUT, work);
    await expect.poll(line).toMatchObject({ direction: 'copy', name: 'photos', ...part });
    end('copied');
    expect(await running).toBe('copied');
    expect(line()).toMatchObject({ state: 'done' });
  });

  it('can be called off, by its line or by its caller', async () => {
    const { operations, transfers, line } = start();
    const running = operations.run(ABOUT, lasting().work).catch((error: Error) => error.name);
    await expect.poll(line).toMatchObject({ state: 'running' });
    transfers.task(line()!.id).cancel();
    expect(await running).toBe('AbortError');
    expect(line()).toMatchObject({ state: 'cancelled' });
    const stop = new AbortController();
    const other = operations
      .run(ABOUT, lasting().work, stop.signal)
      .catch((error: Error) => error.name);
    stop.abort();
    expect(await other).toBe('AbortError');
  });

  it('says why it failed', async () => {
    const { operations, line } = start();
    const { work, fail } = lasting();
    const running = operations.run(ABOUT, work);
    await expect.poll(line).toMatchObject({ state: 'running' });
    fail(new Spoilt('changed'));
    await expect(running).rejects.toThrow('changed');
    expect(line()).toMatchObject({ state: 'failed', error: { name: 'SourceChanged' } });
  });
});

describe('the sum of parts', () => {
  it('goes on where the part before ended', () => {
    const told: unknown[] = [];
    const sum = new ProgressSum((progress) => told.push(progress));
    sum.onProgress(part);
    sum.next();
    sum.onProgress(part);
    expect(told.at(-1)).toEqual({ doneBytes: 10, totalBytes: 20, filesDone: 2, files: 4 });
  });
});
