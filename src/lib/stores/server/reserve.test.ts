/** The room kept beside a database, on a disk that is far from full; `tests/server/` fills small ones. */
import { mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Reserve } from './reserve.ts';

const RESERVE_BYTES = 3 * 1024 * 1024;
const { bavail, bsize } = statfsSync(tmpdir());
const isLarge = bavail * bsize > 2 * 1024 ** 3;

function makeReserve() {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-reserve-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'x.sqlite');
  const reserve = new Reserve(file);
  const kept = `${file}-reserve`;
  const sizeBytes = () => statSync(kept, { throwIfNoEntry: false })?.size;
  const change = (times: number) => {
    for (let i = 0; i < times; i++) reserve.onChange();
  };
  return { reserve, kept, sizeBytes, change };
}

describe.runIf(isLarge)('the room kept on a large disk', () => {
  test('is taken after a few changes, and holds up nobody', async () => {
    const { reserve, kept, sizeBytes, change } = makeReserve();
    change(32);
    await reserve.settled();
    expect(sizeBytes()).toBeUndefined();
    change(1);
    expect(sizeBytes() ?? 0).toBeLessThan(RESERVE_BYTES);
    expect(reserve.left()).toBe('ample');
    expect(reserve.admit(1000)).toBe(true);
    await reserve.settled();
    expect(sizeBytes()).toBe(RESERVE_BYTES);
    expect(deflateRawSync(readFileSync(kept)).length).toBeGreaterThan(0.99 * RESERVE_BYTES);
  });

  test('is gone when it was given up while it was being taken, and taken again later', async () => {
    const { reserve, sizeBytes, change } = makeReserve();
    change(33);
    reserve.giveUp();
    await reserve.settled();
    expect(sizeBytes()).toBeUndefined();
    change(1);
    await reserve.settled();
    expect(sizeBytes()).toBe(RESERVE_BYTES);
    expect(reserve.giveUp()).toBe(true);
    expect(sizeBytes()).toBeUndefined();
  });

  test('that cannot be taken keeps content out, not changes', async () => {
    const { reserve, kept, change } = makeReserve();
    rmSync(join(kept, '..'), { recursive: true });
    change(33);
    await reserve.settled();
    expect(reserve.admit(1000)).toBe(false);
    await reserve.settled();
  });
});
