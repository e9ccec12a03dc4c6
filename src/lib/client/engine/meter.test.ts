import { describe, expect, it } from 'vitest';
import { Meter } from './meter.ts';

function metered(totalBytes: number, files = 1) {
  let nowMs = 0;
  const meter = new Meter(totalBytes, () => nowMs, files);
  return {
    meter,
    step(ms: number, doneBytes: number, doneFiles = 0) {
      nowMs += ms;
      meter.update(doneBytes, doneFiles);
      return meter.read();
    },
  };
}

describe('the meter', () => {
  it('shows a steady speed and the time it implies', () => {
    const { step } = metered(100_000);
    step(0, 0);
    let reading = step(500, 500);
    expect(reading.secondsLeft).toBeUndefined();
    for (let done = 1_000; done <= 10_000; done += 500) reading = step(500, done);
    expect(reading.bytesPerSecond).toBe(1_000);
    expect(reading.secondsLeft).toBe(90);
  });

  it('never lets the seconds grow nor the bytes shrink, whatever the speed does', () => {
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const { step } = metered(50_000_000);
    let done = 0;
    let before = step(0, 0);
    for (let i = 0; i < 2_000; i++) {
      done = Math.max(0, done + Math.floor((random() - 0.2) * 60_000));
      const now = step(1 + Math.floor(random() * 400), Math.min(done, 50_000_000));
      expect(now.doneBytes).toBeGreaterThanOrEqual(before.doneBytes);
      if (before.secondsLeft !== undefined) {
        expect(now.secondsLeft).toBeLessThanOrEqual(before.secondsLeft);
      }
      before = now;
    }
  });

  it('tells no time left for many small files before one of them is stored', () => {
    const { step } = metered(300_000, 3_000);
    step(0, 0);
    for (let i = 1; i <= 20; i++) expect(step(500, i * 2_500).secondsLeft).toBeUndefined();
  });

  it('tells the time left of many small files by how long those before took', () => {
    const { step } = metered(300_000, 3_000);
    step(0, 0);
    let left: number | undefined;
    // A hundred files each two seconds, sealed at once and stored at the end.
    for (let stored = 100; stored <= 1_500; stored += 100) {
      step(100, stored * 100, stored - 100);
      left = step(1_900, stored * 100, stored).secondsLeft;
    }
    expect(left).toBe(30);
    expect(step(10_000, 150_000, 1_500).secondsLeft).toBe(20);
  });

  it('says so when the small files go much slower than they began', () => {
    const { step } = metered(100_000, 1_000);
    step(0, 0);
    const first = step(1_000, 10_000, 100).secondsLeft!;
    expect(first).toBe(9);
    expect(step(20_000, 20_000, 200).secondsLeft).toBe(84);
  });

  it('does not count a pause as slowness', () => {
    const { meter, step } = metered(100_000);
    for (let done = 0; done <= 5_000; done += 1_000) step(1_000, done);
    meter.rest();
    step(3_600_000, 5_000);
    for (let done = 6_000; done <= 9_000; done += 1_000) step(1_000, done);
    expect(meter.read().bytesPerSecond).toBe(1_000);
  });
});
