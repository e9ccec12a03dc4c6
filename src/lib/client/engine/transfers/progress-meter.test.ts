import { describe, expect, it } from 'vitest';
import { Meter } from './progress-meter.ts';

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
    // The next hundred are slow: of what waits behind them nothing is done.
    expect(step(10_000, 150_000, 1_500).secondsLeft).toBe(28);
  });

  it.each([
    [
      'one folder',
      [
        [0.4, 0],
        [2, 16],
        [2.2, 48],
        [2.7, 112],
        [3.3, 240],
        [4.5, 496],
        [6.9, 996],
        [9.3, 1496],
        [12.8, 1996],
        [16, 2496],
        [18.7, 3000],
      ],
    ],
    [
      'forty folders',
      [
        [0.4, 0],
        [1.5, 16],
        [1.7, 48],
        [2.2, 112],
        [2.9, 240],
        [4.4, 496],
        [8.2, 996],
        [11.4, 1496],
        [14.9, 1996],
        [18.8, 2496],
        [22.6, 3000],
      ],
    ],
    [
      'a disk that slows down',
      [
        [0.4, 0],
        [1.6, 16],
        [2.1, 48],
        [2.6, 112],
        [3.4, 240],
        [5.1, 496],
        [9.3, 996],
        [14.2, 1496],
        [19.1, 1996],
        [28.5, 2496],
        [36.6, 3000],
      ],
    ],
  ] as const)('tells the time that is left in truth of a recorded upload: %s', (_, stored) => {
    const { step } = metered(3_000_000, 3_000);
    const [endSeconds] = stored.at(-1)!;
    const toldAt: [left: number, told: number][] = [];
    for (let ms = 400; ms < endSeconds * 1000; ms += 200) {
      const files = stored.findLast(([seconds]) => seconds * 1000 <= ms)![1];
      const sealed = Math.min(3_000, files + 100);
      const { secondsLeft } = step(ms === 400 ? 0 : 200, sealed * 1_000, files);
      const left = endSeconds - ms / 1000;
      if (files >= 496) toldAt.push([left, secondsLeft!]);
    }
    for (const [left, told] of toldAt) {
      expect(told).toBeGreaterThan(left / 2 - 1.5);
      expect(told).toBeLessThan(left * 1.5 + 3);
    }
    // "Moments": less than five seconds.
    const moments = toldAt.filter(([, told]) => told < 5).map(([left]) => left);
    expect(Math.max(...moments)).toBeLessThan(8.5);
  });

  it('does not promise an end while files wait that are not even being stored', () => {
    const { step } = metered(3_000_000, 3_000);
    step(0, 0);
    for (let stored = 100; stored <= 2_000; stored += 100) step(500, stored * 1_000, stored);
    // The next group takes far longer than those before: the time left of the others stays.
    expect(step(60_000, 2_100_000, 2_000).secondsLeft).toBe(5);
    expect(step(500, 2_100_000, 2_100).secondsLeft).toBeGreaterThan(5);
  });

  it('counts files as well as bytes in the share that is done', () => {
    const { step, meter } = metered(300_000, 3_000);
    step(0, 0);
    // All bytes are sealed, two thirds of the files are stored.
    step(1_000, 300_000, 2_000);
    expect(meter.read().share).toBeCloseTo(2 / 3, 1);
    expect(step(1_000, 300_000, 3_000).share).toBe(1);
    expect(step(1_000, 290_000, 2_900).share).toBe(1);
  });

  it('tells no share of one file: its bytes tell it', () => {
    const { step } = metered(1_000);
    step(0, 0);
    expect(step(500, 500).share).toBeUndefined();
  });

  it('says so when the small files go much slower than they began', () => {
    const { step } = metered(100_000, 1_000);
    step(0, 0);
    const first = step(1_000, 10_000, 100).secondsLeft!;
    expect(first).toBe(9);
    // 84 s by all that were stored, 160 s by the last ones.
    const then = step(20_000, 20_000, 200).secondsLeft!;
    expect(then).toBeGreaterThan(84);
    expect(then).toBeLessThan(160);
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
