import { describe, expect, it } from 'vitest';
import type { Transfer } from '#lib/client/index.ts';
import { Steady } from './steady.ts';

const transfer = (doneBytes: number): Transfer => ({
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
});

describe('Steady', () => {
  it('keeps the bytes when a retry begins again', () => {
    const steady = new Steady();
    expect(steady.show(transfer(600)).doneBytes).toBe(600);
    expect(steady.show(transfer(500)).doneBytes).toBe(600);
    expect(steady.show(transfer(700)).doneBytes).toBe(700);
  });

  it('shows the share that is told, else that of the bytes, and never takes it back', () => {
    const steady = new Steady();
    expect(steady.show(transfer(500)).share).toBe(0.5);
    expect(steady.show({ ...transfer(900), share: 0.6 }).share).toBe(0.6);
    expect(steady.show({ ...transfer(900), share: 0.4 }).share).toBe(0.6);
    expect(new Steady().show({ ...transfer(0), totalBytes: 0 }).share).toBe(0);
  });
});
