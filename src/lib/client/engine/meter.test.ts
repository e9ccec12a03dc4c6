import { describe, expect, it } from 'vitest';
import { Meter } from './meter.ts';

function metered(totalBytes: number) {
  let nowMs = 0;
  const meter = new Meter(totalBytes, () => nowMs);
  return {
    meter,
    step(ms: number, doneBytes: number) {
      nowMs += ms;
      meter.update(doneBytes);
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

  it('does not count a pause as slowness', () => {
    const { meter, step } = metered(100_000);
    for (let done = 0; done <= 5_000; done += 1_000) step(1_000, done);
    meter.rest();
    step(3_600_000, 5_000);
    for (let done = 6_000; done <= 9_000; done += 1_000) step(1_000, done);
    expect(meter.read().bytesPerSecond).toBe(1_000);
  });
});
