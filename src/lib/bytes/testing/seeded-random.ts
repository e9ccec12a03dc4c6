/** Random numbers for tests: one seed decides all of them, so that a failing run can be repeated. */
export interface SeededRandom {
  /** A whole number in [0, below). */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
  bytes(length: number): Uint8Array;
}

/** mulberry32: 32 bits of state are plenty for choosing operations. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const random: SeededRandom = {
    below: (below) => Math.floor((next() / 0x1_0000_0000) * below),
    pick: (items) => {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[random.below(items.length)] as (typeof items)[number];
    },
    chance: (probability) => next() / 0x1_0000_0000 < probability,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i += 4) {
        const word = next();
        for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = word >>> (8 * j);
      }
      return bytes;
    },
  };
  return random;
}
