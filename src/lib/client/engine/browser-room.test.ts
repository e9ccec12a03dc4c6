import { describe, expect, it } from 'vitest';
import { browserRoom, limitOf } from './browser-room.ts';

const saying = (estimate: unknown) =>
  browserRoom({ estimate: async () => estimate as StorageEstimate });

describe('the room of a browser', () => {
  it('is what the browser estimates', async () => {
    expect(await saying({ usage: 20_500_000, quota: 10_700_000_000 })).toEqual({
      usageBytes: 20_500_000,
      quotaBytes: 10_700_000_000,
    });
  });

  it('is not known where the browser has no storage manager, or none that estimates', async () => {
    expect(await browserRoom(undefined)).toEqual({});
    expect(await browserRoom({})).toEqual({});
  });

  it('is not known where the estimate fails', async () => {
    const estimate = () => Promise.reject(new TypeError('opaque origin'));
    expect(await browserRoom({ estimate })).toEqual({});
  });

  it.each([
    ['absent', undefined],
    ['nothing', 0],
    ['less than nothing', -1],
    ['no number', NaN],
    ['without end', Infinity],
    ['as large as numbers go', Number.MAX_SAFE_INTEGER],
    ['larger than numbers go', 2 ** 63],
    ['a pebibyte', 2 ** 50],
  ])('has no limit where the quota is %s', async (_what, quota) => {
    expect(await saying({ usage: 5, quota })).toEqual({ usageBytes: 5 });
  });

  it.each([undefined, -1, NaN, Infinity])('has no use where that is %s', async (usage) => {
    expect(await saying({ usage, quota: 5 })).toEqual({ quotaBytes: 5 });
  });
});

describe('a limit', () => {
  it('of 0 bytes is one: a server may grant nothing', () => {
    expect(limitOf(0)).toBe(0);
  });

  it('that nobody set is none', () => {
    expect(limitOf(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });
});
