import { describe, expect, it } from 'vitest';
import type { Transfer } from '#lib/client/index.ts';
import { Steady } from './steady.ts';

const transfer = (doneBytes: number, secondsLeft?: number): Transfer => ({
  id: 'a',
  direction: 'up',
  name: 'film.mp4',
  folderPath: [],
  totalBytes: 1000,
  doneBytes,
  files: 1,
  filesDone: 0,
  filesSkipped: 0,
  filesFailed: 0,
  state: 'running',
  bytesPerSecond: 10,
  ...(secondsLeft === undefined ? {} : { secondsLeft }),
});

describe('Steady', () => {
  it('keeps the bytes when a retry begins again', () => {
    const steady = new Steady();
    expect(steady.show(transfer(600), 0).doneBytes).toBe(600);
    expect(steady.show(transfer(500), 100).doneBytes).toBe(600);
    expect(steady.show(transfer(700), 200).doneBytes).toBe(700);
  });

  it('does not let the time left grow for a slow moment', () => {
    const steady = new Steady();
    steady.show(transfer(0, 60), 0);
    expect(steady.show(transfer(0, 80), 10_000).secondsLeft).toBe(50);
    expect(steady.show(transfer(0, 20), 11_000).secondsLeft).toBe(20);
  });

  it('says a wait that became much longer', () => {
    const steady = new Steady();
    steady.show(transfer(0, 10), 0);
    expect(steady.show(transfer(0, 600), 1_000).secondsLeft).toBe(600);
  });
});
