import { describe, expect, it } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Transfer } from '../../types.ts';
import { PauseController } from './pause-controller.ts';
import { Transfers } from './transfers.ts';
import { batchesOf } from './upload-batches.ts';
import { UploadTask, type UploadPart, type UploadRun } from './upload-task.ts';

class Spoilt extends PyrgosError {
  override readonly name = 'SourceChanged';
  override readonly kind = 'conflict';
}
class Full extends PyrgosError {
  override readonly name = 'StoreFull';
  override readonly kind = 'quota';
}

const part = (name: string, sizeBytes = 10): UploadPart => ({ path: [name], sizeBytes });

function task(
  parts: readonly UploadPart[],
  store: (parts: readonly UploadPart[], run: UploadRun) => Promise<void>,
) {
  const described: Transfer[] = [];
  let nowMs = 0;
  const made: UploadTask = new UploadTask(
    {
      id: 'one',
      name: 'one',
      folderPath: [],
      clock: () => (nowMs += 100),
      store,
      changed: () => described.push(made.describe()),
    },
    parts,
  );
  return { made, described };
}

describe('an upload', () => {
  it('finds the one bad file among many with few questions, and stores every other', async () => {
    const stored: string[] = [];
    let calls = 0;
    const names = [...Array(100).keys()].map((i) => `f${i}`);
    const { made } = task(
      names.map((name) => part(name)),
      async (parts) => {
        calls++;
        if (parts.some(({ path }) => path[0] === 'f37')) throw new Spoilt('changed');
        stored.push(...parts.map(({ path }) => path[0]!));
      },
    );
    await made.start();
    expect(stored.sort()).toEqual(names.filter((name) => name !== 'f37').sort());
    expect(calls).toBeLessThan(20);
    expect(made.describe()).toMatchObject({
      state: 'failed',
      filesDone: 99,
      filesFailed: 1,
      failure: { path: ['f37'], error: { name: 'SourceChanged' } },
    });
  });

  it('does not store again what was stored before a failure', async () => {
    const stored: string[] = [];
    const { made } = task(
      ['a', 'b', 'c'].map((name) => part(name)),
      async (parts, run) => {
        for (const { path } of parts) {
          if (path[0] === 'c') throw new Spoilt('changed');
          stored.push(path[0]!);
          run.onSettled([{ path, outcome: 'stored' }]);
        }
      },
    );
    await made.start();
    expect(stored).toEqual(['a', 'b']);
  });

  it('stops at once when there is no room for anything', async () => {
    let calls = 0;
    const { made } = task([part('a'), part('big', 9e6)], async () => {
      calls++;
      throw new Full('no room');
    });
    await made.start();
    expect(calls).toBe(1);
    expect(made.describe()).toMatchObject({ state: 'failed', error: { name: 'StoreFull' } });
    made.retry();
    expect(made.describe()).toMatchObject({ state: 'waiting' });
  });

  it('never shows fewer bytes than before, whatever is taken back', async () => {
    const { made, described } = task([part('a', 1000)], async (_parts, { onProgress }) => {
      for (const doneBytes of [100, 500, 200, 600, 1000]) {
        onProgress({ doneBytes, totalBytes: 1000, filesDone: 0, files: 1 });
      }
    });
    await made.start();
    const shown = described.map(({ doneBytes }) => doneBytes);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  });
});

describe('the transfer list', () => {
  it('runs two uploads at a time and the next when one ends', async () => {
    const held: (() => void)[] = [];
    const transfers = new Transfers(() => undefined);
    for (const id of ['a', 'b', 'c']) {
      const made: UploadTask = new UploadTask(
        {
          id,
          name: id,
          folderPath: [],
          clock: () => 0,
          store: () => new Promise((resolve) => held.push(resolve)),
          changed: transfers.changed,
        },
        [part(id)],
      );
      transfers.add(made);
    }
    const states = () => ['a', 'b', 'c'].map((id) => transfers.task(id).describe().state);
    await settled();
    expect(states()).toEqual(['running', 'running', 'waiting']);
    held[0]!();
    await settled();
    expect(states()).toEqual(['done', 'running', 'running']);
    transfers.clearFinished();
    expect(() => transfers.task('a')).toThrow('no longer in the list');
    transfers.close();
  });
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('batches', () => {
  it('put small files together and each large one alone, after them', () => {
    const sizes = [6e6, 1, 2, 3, 7e6];
    expect(batchesOf(sizes.map((sizeBytes) => ({ sizeBytes })))).toEqual([
      [{ sizeBytes: 1 }, { sizeBytes: 2 }, { sizeBytes: 3 }],
      [{ sizeBytes: 6e6 }],
      [{ sizeBytes: 7e6 }],
    ]);
    const many = Array.from({ length: 1200 }, () => ({ sizeBytes: 100 }));
    expect(batchesOf(many).map((batch) => batch.length)).toEqual([16, 32, 64, 128, 256, 500, 204]);
    expect(batchesOf([])).toEqual([]);
  });
});

describe('the pause controller', () => {
  it('holds work back while it is paused', async () => {
    const pause = new PauseController();
    await pause.untilResumed();
    pause.pause();
    let passed = false;
    const waiting = pause.untilResumed().then(() => (passed = true));
    await settled();
    expect(passed).toBe(false);
    pause.resume();
    await waiting;
    expect(pause.isPaused).toBe(false);
  });

  it('rejects when it is aborted while paused', async () => {
    const pause = new PauseController();
    pause.pause();
    const controller = new AbortController();
    const waiting = pause.untilResumed(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
