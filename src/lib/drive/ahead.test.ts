import { describe, expect, it } from 'vitest';
import { inRuns, mapAhead, mapLimited } from './ahead.ts';

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('mapAhead', () => {
  it('keeps the order, whatever finishes first, and never exceeds the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimited([5, 1, 4, 0, 3, 2], 3, async (ms) => {
      most = Math.max(most, ++running);
      await later(ms);
      running--;
      return ms;
    });
    expect(results).toEqual([5, 1, 4, 0, 3, 2]);
    expect(most).toBe(3);
  });

  it('does not start more until a result was used', async () => {
    let started = 0;
    const work = async (n: number) => {
      started++;
      return Promise.resolve(n);
    };
    const stream = mapAhead([0, 1, 2, 3, 4, 5], 2, work);
    await stream.next();
    await later(1);
    expect(started).toBe(2);
    await stream.next();
    await later(1);
    expect(started).toBe(3);
    await stream.return();
  });

  it('begins with as few as asked and comes to the limit as results are taken', async () => {
    let started = 0;
    const work = async (n: number) => {
      started++;
      return Promise.resolve(n);
    };
    const stream = mapAhead([0, 1, 2, 3, 4, 5, 6, 7], 3, work, undefined, 1);
    const startedAfter: number[] = [];
    for (let taken = 0; taken < 6; taken++) {
      await stream.next();
      await later(1);
      startedAfter.push(started);
    }
    expect(startedAfter).toEqual([1, 3, 5, 6, 7, 8]);
    await stream.return();
  });

  it('aborts what is running when the reader leaves', async () => {
    const signals: AbortSignal[] = [];
    for await (const _ of mapAhead([1, 2, 3], 2, async (n, signal) => {
      signals.push(signal);
      return Promise.resolve(n);
    })) {
      break;
    }
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('gives the results before a failure, then the failure', async () => {
    const seen: number[] = [];
    const run = async () => {
      for await (const n of mapAhead([1, 2, 3], 3, async (n) => {
        if (n === 2) throw new Error('second');
        return Promise.resolve(n);
      })) {
        seen.push(n);
      }
    };
    await expect(run()).rejects.toThrow('second');
    expect(seen).toEqual([1]);
  });

  it('stops with the reason of the signal', async () => {
    const abort = new AbortController();
    const stream = mapAhead([1, 2, 3], 1, async (n) => Promise.resolve(n), abort.signal);
    await stream.next();
    abort.abort(new Error('enough'));
    await expect(stream.next()).rejects.toThrow('enough');
  });
});

it('cuts into runs', () => {
  expect(inRuns([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(inRuns([], 2)).toEqual([]);
});
