import { expect, it } from 'vitest';
import { encodeCbor } from '#lib/codec/index.ts';
import { solveProofOfWork } from '#lib/crypto/index.ts';
import { WorkRequired } from '#lib/protocol/index.ts';
import { WorkFactor } from './work-factor.ts';

function factor(leastBits = 0) {
  const time = { nowMs: 1_800_000_000_000 };
  const work = new WorkFactor(() => time.nowMs, leastBits);
  const come = (names: number) => {
    for (let i = 0; i < names; i++) work.note();
    return work.bits;
  };
  return { time, work, come };
}

it('asks for nothing while few names come, for more the more come, and for nothing later', () => {
  const { time, work, come } = factor();
  expect(work.bits).toBe(0);
  expect(come(4)).toBe(0);
  expect(come(1)).toBe(11);
  expect(come(10)).toBe(12);
  expect(come(100)).toBe(22);
  expect(come(10_000)).toBe(32);
  time.nowMs += 5 * 60_000 + 1;
  expect(work.bits).toBe(0);
});

it('never asks for less than the setting', () => {
  const { come } = factor(8);
  expect(come(0)).toBe(8);
  expect(come(5)).toBe(11);
});

it('takes a proof of the very chain, and says how much is wanted', async () => {
  const { work } = factor(9);
  const chain = ['a chain'];
  const prefix = await solveProofOfWork(9, encodeCbor(chain));
  work.require(chain, { prefix });
  expect(() => work.require(['another'], { prefix: new Uint8Array(8) })).toThrow(WorkRequired);
});
